import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

function projectOf(file: string): TestProject {
  const own = createProject({ file });
  project = own;
  return own;
}

test('a container that takes long to stop is told, with how long it may take', async () => {
  const own = projectOf(`services:
  slow:
    image: busybox
    command: [sh, -c, 'trap "" TERM; while true; do sleep 1; done']
    stop_grace_period: 8s
    labels: [${testLabel}=1]
`);
  expect((await own.run(['up', '-d', '--scale', 'slow=2'])).code).toBe(0);
  const scaled = await own.run(['scale', 'slow=1']);
  expect(scaled.output).toContain(`stopping ${own.name}-slow-2 (up to 8 s)\n`);
  expect(scaled.output).toContain('slow did not end within 8 s of SIGTERM and was killed');
  expect(scaled.output).toContain('hint: its first process does not hear it: write `init: true`');
  const anew = await own.run(['up', '-d', '--force-recreate', '--timeout', '7']);
  expect(anew.output).toContain(`stopping ${own.name}-slow-1 (up to 7 s)\n`);
});

test.each(['dumb', 'xterm-256color'])(
  'Ctrl-C during a build is told on a line of its own, on %s',
  async (TERM) => {
    const own = projectOf(`services:
  app: { build: { context: ., labels: [${testLabel}=1] }, labels: [${testLabel}=1] }
`);
    own.write('Dockerfile', 'FROM busybox\nRUN echo begun; sleep 600\n');
    const terminal = openTerminal({
      command: underTest,
      args: [launcher, 'up', '-d'],
      cwd: own.directory,
      env: { ...own.environment, TERM },
    });
    await terminal.waitFor(/RUN echo begun|app +build image/);
    terminal.type('\u0003');
    expect((await terminal.exit).code).toBe(130);
    expect(terminal.lines().join('\n')).toMatch(/\n○ (?:\S+ +)?interrupted$/m);
  },
);

test('hints name the program as it was called', async () => {
  const own = projectOf(`services:
  off: { image: busybox, command: [sleep, infinity], init: true, profiles: [more], labels: [${testLabel}=1] }
  on: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
`);
  expect((await own.run(['--profile', 'more', 'up', '-d'])).code).toBe(0);
  expect((await own.run(['compose', 'down'])).stderr).toContain('stack compose --profile "*" down');
  expect((await own.run(['down'])).stderr).toContain('too: stack --profile "*" down');
});
