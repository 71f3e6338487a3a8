import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let terminal: Terminal | undefined;
afterEach(async () => {
  terminal?.dispose();
  await project?.remove();
});

/** The process of the command in a terminal whose shell waits for it. */
function commandIn({ pid }: Terminal): number {
  return Number(execFileSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' }).trim());
}

test('a command that is ended while a shell has the terminal stops the stack and leaves the terminal as it was', async () => {
  project = createProject({
    file: `
services:
  web:
    image: busybox
    init: true
    command: sleep 600
    labels: { ${testLabel}: '' }
`,
  });
  const { directory, environment } = project;
  const up = `'${underTest}' '${launcher}' up --ui full`;
  terminal = openTerminal({
    command: 'sh',
    args: ['-c', `before=$(stty -g); ${up}; echo "code $?"; test "$before" = "$(stty -g)" && echo restored`],
    cwd: directory,
    env: { ...environment, CI: undefined, NO_COLOR: undefined },
    columns: 120,
    rows: 30,
  });
  const { waitFor, type } = terminal;
  await waitFor(/1\/1 ready/);
  type('s');
  await waitFor(/\/ #/);
  process.kill(commandIn(terminal), 'SIGTERM');
  const screen = await waitFor(/^restored$/m);
  expect(screen).toContain('code 130');
  expect(screen).toContain('○ stopped');
});
