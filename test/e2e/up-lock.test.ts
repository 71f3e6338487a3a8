import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const image = `image: busybox, init: true, stop_grace_period: 1s, labels: [${testLabel}=1]`;
/** `web` waits for a gate that someone has to open. */
const gated = `
services:
  gate:
    { ${image}, command: [sleep, infinity], healthcheck: { test: [CMD, test, -e, /open], interval: 100ms, retries: 10000 } }
  web: { ${image}, command: [sleep, infinity], depends_on: { gate: { condition: service_healthy } } }
`;

/** An `up` that changes the project until the gate is opened. */
async function startGated(own: TestProject) {
  const first = own.start(['up', '-d']);
  await first.waitFor(/start container \S+gate-1/);
  return first;
}

test('the second says who changes the project, waits, and goes on from what the first has made', async () => {
  const own = createProject({ file: gated });
  project = own;
  const first = await startGated(own);
  const second = own.start(['up', '-d']);
  const told = await second.waitFor(/is being changed/);
  expect(told).toMatch(/is being changed by `stack up -d` \(process \d+\)/);
  expect((await own.run(['exec', '-T', 'gate', 'touch', '/open'])).code).toBe(0);
  expect((await first.finished).code).toBe(0);
  const { code, output } = await second.finished;
  expect([code, output]).toEqual([0, expect.stringContaining('nothing to do')]);
});

test('Ctrl-C ends waiting, kill does not wait, and one that was killed holds nobody up', async () => {
  const own = createProject({ file: gated });
  project = own;
  const first = await startGated(own);
  const second = own.start(['down']);
  await second.waitFor(/is being changed/);
  second.signal('SIGINT');
  expect((await second.finished).code).toBe(130);
  expect((await own.run(['kill', 'web'])).output).not.toContain('is being changed');
  first.signal('SIGKILL');
  await first.finished;
  const last = await own.run(['down']);
  expect([last.code, last.output]).toEqual([0, expect.not.stringContaining('is being changed')]);
  expect(await containersOf(own.name)).toEqual([]);
});

test('an attached up holds nobody up once everything runs', async () => {
  const own = createProject({ file: `services:\n  web: { ${image}, command: [sleep, infinity] }\n` });
  project = own;
  const first = own.start(['up']);
  await first.waitFor(/ready in/);
  const { code, output } = await own.run(['scale', 'web=2']);
  expect([code, output]).toEqual([0, expect.not.stringContaining('is being changed')]);
  first.signal('SIGINT');
  expect((await first.finished).code).toBe(130);
});
