import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const file = (hook: string) => `
services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    labels: [${testLabel}=1]
    volumes: [./notes:/notes]
    post_start:
      - command: sh -c 'echo started as $$WHO in $$PWD >> /notes/web'
        environment: { WHO: hook }
        working_dir: /tmp
      - command: ${hook}
    pre_stop:
      - command: sh -c 'echo stops >> /notes/web'
  reader:
    image: busybox
    command: [cat, /notes/web]
    labels: [${testLabel}=1]
    volumes: [./notes:/notes]
    depends_on: [web]
`;

test('hooks run in the container once it has started, and before it stops', async () => {
  const own = createProject({ file: file('echo done') });
  project = own;
  const { code, output } = await own.run(['up', '-d']);
  expect(output).toMatch(/run post_start hook 2 in .*web-1/);
  expect(code).toBe(0);
  const read = async () => (await own.run(['logs', '--no-log-prefix', 'reader'])).stdout;
  await expect.poll(read).toBe('started as hook in /tmp\n');
  expect((await own.run(['stop'])).code).toBe(0);
  expect((await own.run(['start', 'reader'])).code).toBe(0);
  const logs = async () => (await own.run(['logs', '--no-log-prefix', '--tail', '3', 'reader'])).stdout;
  await expect.poll(logs).toBe('started as hook in /tmp\nstops\nstarted as hook in /tmp\n');
});

test('a hook that fails fails the start, with what it said; the container goes on running', async () => {
  const own = createProject({ file: file("sh -c 'echo no such table; exit 4'") });
  project = own;
  const { code, output } = await own.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain(`a post_start hook of ${own.name}-web-1 ended with 4`);
  expect(output).toContain('no such table');
  const states = (await containersOf(own.name)).map(({ service, state }) => [service, state]);
  expect(states.sort()).toEqual([
    ['reader', 'created'],
    ['web', 'running'],
  ]);
});
