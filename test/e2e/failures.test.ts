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
    command: [sh, -c, 'echo FATAL bad setting; sleep 0.5; exit 3']
    ${labels}
  late:
    image: busybox
    command: [sleep, infinity]
    depends_on: { db: { condition: service_completed_successfully } }
    ${labels}
`,
  });
  project.write('Dockerfile', 'FROM busybox\nRUN echo one\nRUN echo two && \\\n    nosuchcommand\n');
  const { code, output } = await project.run(['up']);
  expect(code).toBe(1);
  expect(output).toMatch(/^Dockerfile:3:1 error: the build of img failed at \[3\/3\] RUN echo two/m);
  expect(output).toContain('  3 | RUN echo two && \\\n');
  expect(output).toMatch(/^ {2}hint: a command was not found/m);
  expect(output).toMatch(/^✗ db +failed after .*: exit 3\n {2}needed by late\n {2}hint: .*stack logs db$/m);
  expect(output).not.toContain('did not end well');
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
