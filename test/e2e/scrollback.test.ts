import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

const soon = 60_000;
const count = 300;

/** A service that writes numbers and then waits, in a terminal. */
function upOf(numbers: string): Terminal {
  const project = createProject({
    file: `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    init: true
    stop_grace_period: 0s
    command: [sh, -c, "${numbers}; echo over; exec sleep 600"]
`,
  });
  projects.push(project);
  const terminal = openTerminal({
    command: process.execPath,
    args: [launcher, 'up'],
    cwd: project.directory,
    env: { ...project.environment },
    columns: 80,
    rows: 24,
  });
  terminals.push(terminal);
  return terminal;
}

/** The numbers in the terminal's own scrollback, where they can be selected. */
function numbersIn({ lines, emulator }: Terminal): readonly number[] {
  expect(emulator.buffer.active.type).toBe('normal');
  return lines().flatMap((line) => /^web-1 +│ number (\d+)$/.exec(line)?.slice(1).map(Number) ?? []);
}

const all = Array.from({ length: count }, (_, index) => index + 1);

test('after the end the scrollback holds every line of the logs once, and no footer between them', async () => {
  const terminal = upOf(`for i in $$(seq ${count}); do echo number $$i; done`);
  await terminal.waitFor(/web-1 +│ over/, soon);
  await terminal.waitFor(/1\/1 ready/, soon);
  expect(numbersIn(terminal)).toEqual(all);
  terminal.type('\u0003');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(numbersIn(terminal)).toEqual(all);
  expect(terminal.lines().filter((line) => /\d\/1 ready/.test(line))).toEqual([]);
});

test('what is written while the full screen is shown is in the scrollback afterwards', async () => {
  const terminal = upOf(`for i in $$(seq ${count}); do echo number $$i; usleep 10000; done`);
  await terminal.waitFor(/number 20$/m, soon);
  terminal.type('f');
  await terminal.waitFor(() => terminal.emulator.buffer.active.type === 'alternate', soon);
  await terminal.waitFor(/│ over/, soon);
  terminal.type('f');
  await terminal.waitFor(() => terminal.emulator.buffer.active.type === 'normal', soon);
  await terminal.waitFor(/web-1 +│ over/, soon);
  terminal.type('\u0003');
  await terminal.exit;
  expect(numbersIn(terminal)).toEqual(all);
});
