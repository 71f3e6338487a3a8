import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let terminal: Terminal | undefined;
afterEach(async () => {
  terminal?.dispose();
  await project?.remove();
});

test('a person looks into a stack, orders things by key and palette, and leaves it running', async () => {
  project = createProject({
    file: `
services:
  db:
    image: busybox
    init: true
    command: sh -c 'touch /ready; echo listening; sleep 600'
    healthcheck: { test: [CMD, test, -f, /ready], interval: 1s }
    labels: { ${testLabel}: '' }
  api:
    image: busybox
    init: true
    environment: { GREETING: hello }
    depends_on: { db: { condition: service_healthy } }
    command: sh -c 'echo started; sleep 600'
    labels: { ${testLabel}: '' }
`,
  });
  const { name, directory, environment } = project;
  terminal = openTerminal({
    command: underTest,
    args: [launcher, 'up', '--ui', 'full'],
    cwd: directory,
    env: { ...environment, CI: undefined, NO_COLOR: undefined },
    columns: 120,
    rows: 30,
  });
  const { waitFor, type, emulator } = terminal;
  const isFull = (): boolean => emulator.buffer.active.type === 'alternate';
  await waitFor(/2\/2 ready/);
  await waitFor(/api-1 +│ started/);
  expect(isFull()).toBe(true);
  // What containers use is measured as long as the screen is there.
  await waitFor(/db +healthy +[\d.]+%/);

  type('j');
  await waitFor(/^>. api/m);
  type('E');
  await waitFor(/GREETING.*hello/);
  type('T');
  await waitFor(/timeline: the last start/);

  type(':scaleapi\r');
  await waitFor(/replicas of api \(now 1\)/);
  type('2\r');
  await waitFor(/api +running +2\/2/);
  const count = async (): Promise<number> =>
    (await containersOf(name)).filter(({ service, state }) => service === 'api' && state === 'running')
      .length;
  expect(await count()).toBe(2);

  type('K');
  await waitFor(/y\/N kill api/);
  type('n');
  await waitFor(/nothing was done/);
  expect(await count()).toBe(2);

  type('s');
  await waitFor((rows) => !isFull() && rows.some((row) => row.trim() === '/ #'));
  type('echo "$GREETING, $((6 * 7))"; exit\r');
  await waitFor((rows) => isFull() && /2\/2 ready/.test(rows[0] ?? ''));

  type('q');
  expect((await terminal.exit).code).toBe(0);
  expect(isFull()).toBe(false);
  expect(terminal.isCursorVisible()).toBe(true);
  const lines = terminal.lines();
  expect(lines).toContain('hello, 42');
  expect(lines.some((line) => /^api-1 +│ started$/.test(line))).toBe(true);
  expect(await count()).toBe(2);
});
