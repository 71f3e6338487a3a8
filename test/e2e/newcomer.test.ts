import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let terminal: Terminal | undefined;
afterEach(async () => {
  terminal?.dispose();
  await project?.remove();
});

const service = (name: string): string => `
  ${name}:
    image: busybox
    init: true
    command: [sh, -c, 'echo ${name} speaks; exec sleep 600']
    labels: { ${testLabel}: '' }
`;

test('whoever looks on sees what someone else adds to the stack, and what it writes', async () => {
  project = createProject({ file: `services:${service('web')}` });
  expect((await project.run(['up', '-d'])).code).toBe(0);
  terminal = openTerminal({
    command: underTest,
    args: [launcher, 'ui'],
    cwd: project.directory,
    env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
    columns: 120,
    rows: 30,
  });
  await terminal.waitFor(/1\/1 ready/);
  project.write('stack.yaml', `services:${service('web')}${service('extra')}`);
  expect((await project.run(['up', '-d'])).code).toBe(0);
  await terminal.waitFor(/2\/2 ready/);
  await terminal.waitFor(/extra +running/);
  await terminal.waitFor(/extra-1 +│ extra speaks/);
  terminal.type('q');
  expect((await terminal.exit).code).toBe(0);
});
