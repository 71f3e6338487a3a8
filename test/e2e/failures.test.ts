import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { askEngine } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const labels = `labels: [${testLabel}=1]`;

test('of a failed build the line is told and what to do, of a crash that others wait for once', async () => {
  project = createProject({
    file: `services:
  img:
    build: { context: ., ${labels} }
    ${labels}
  db:
    image: busybox
    volumes: [./gate:/gate]
    command: [sh, -c, 'echo FATAL bad setting; until [ -e /gate/open ]; do sleep 0.1; done; exit 3']
    ${labels}
  late:
    image: busybox
    command: [sleep, infinity]
    depends_on: { db: { condition: service_completed_successfully } }
    ${labels}
`,
  });
  project.write('Dockerfile', 'FROM busybox\nRUN echo one\nRUN echo two && \\\n    nosuchcommand\n');
  mkdirSync(path.join(project.directory, 'gate'));
  const up = project.start(['up']);
  await up.waitFor(/the build of img failed/);
  await up.waitFor(/FATAL bad setting/);
  project.write('gate/open', '');
  const { code, output } = await up.finished;
  expect(code).toBe(1);
  expect(output).toMatch(/^Dockerfile:3:1 error: the build of img failed at \[3\/3\] RUN echo two/m);
  expect(output).toContain('  3 | RUN echo two && \\\n');
  expect(output).toMatch(/^ {2}hint: a command was not found/m);
  // Whoever hears first of it tells it, and nobody else.
  expect(output.match(/^✗ db +(?:failed after .*: exit 3|did not end well)/gm)).toHaveLength(1);
  expect(output).toMatch(/^ {2}needed by late$/m);
  expect(output).toMatch(/^○ late .*skipped, wait until db is completed did not succeed$/m);
});

test('a container that crashed again and again before anyone looked is said to', async () => {
  project = createProject({
    file: `services:
  api:
    image: busybox
    restart: always
    command: [sh, -c, 'exit 3']
    ${labels}
`,
  });
  const { name } = project;
  expect((await project.run(['compose', 'up', '-d'])).code).toBe(0);
  const hasCrashed = async (): Promise<boolean> => {
    const api = await askEngine<{ RestartCount: number }>('GET', `/containers/${name}-api-1/json`);
    return api.RestartCount >= 4;
  };
  await vi.waitUntil(hasCrashed, { timeout: 60_000, interval: 100 });
  const attached = project.start(['up']);
  await attached.waitFor(/✗ api +crash loop: (?:exit 3|ended), restarted \d+ times so far\n/);
  attached.signal('SIGINT');
  await attached.finished;
});
