import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let opened: Terminal | undefined;
afterEach(async () => {
  opened?.dispose();
  await project?.remove();
});

const count = 300;

/** A service that writes numbers and then waits, in a terminal. */
function upOf(numbers: string): Terminal {
  project = createProject({
    file: `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    init: true
    stop_grace_period: 0s
    command: [sh, -c, "${numbers}; echo over; exec sleep 600"]
`,
  });
  opened = openTerminal({
    command: underTest,
    args: [launcher, 'up'],
    cwd: project.directory,
    env: { ...project.environment },
    columns: 80,
    rows: 24,
  });
  return opened;
}

/** The numbers in the terminal's own scrollback, where they can be selected. */
function numbersIn({ lines, emulator }: Terminal): readonly number[] {
  expect(emulator.buffer.active.type).toBe('normal');
  return lines().flatMap((line) => /^web-1 +│ number (\d+)$/.exec(line)?.slice(1).map(Number) ?? []);
}

const all = Array.from({ length: count }, (_, index) => index + 1);

test('after the end the scrollback holds every line of the logs once, and no footer between them', async () => {
  const terminal = upOf(`for i in $$(seq ${count}); do echo number $$i; done`);
  await terminal.waitFor(/web-1 +│ over/);
  await terminal.waitFor(/1\/1 ready/);
  expect(numbersIn(terminal)).toEqual(all);
  terminal.type('\u0003');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(numbersIn(terminal)).toEqual(all);
  expect(terminal.lines().filter((line) => /\d\/1 ready/.test(line))).toEqual([]);
});

test('what is written while the full screen is shown is in the scrollback afterwards', async () => {
  const waits = 'until [ -e /go ]; do usleep 10000; done';
  const terminal = upOf(
    `for i in $$(seq 10); do echo number $$i; done; ${waits}; for i in $$(seq 11 ${count}); do echo number $$i; done`,
  );
  await terminal.waitFor(/number 10$/m);
  terminal.type('f');
  await terminal.waitFor(() => terminal.emulator.buffer.active.type === 'alternate');
  await project?.run(['exec', '-T', 'web', 'touch', '/go']);
  await terminal.waitFor(/│ over/);
  terminal.type('f');
  await terminal.waitFor(() => terminal.emulator.buffer.active.type === 'normal');
  await terminal.waitFor(/web-1 +│ over/);
  terminal.type('\u0003');
  await terminal.exit;
  expect(numbersIn(terminal)).toEqual(all);
});
