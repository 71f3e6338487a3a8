import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let terminal: Terminal | undefined;
let server: Server | undefined;
afterEach(async () => {
  terminal?.dispose();
  server?.close();
  await project?.remove();
});

const all = `image: busybox, init: true, stop_grace_period: 0s, labels: [${testLabel}=1]`;
const sleeps = 'command: [sleep, infinity]';

function open(): Terminal {
  terminal = openTerminal({
    command: underTest,
    args: [launcher, 'up'],
    cwd: project?.directory ?? '',
    env: { ...project?.environment, CI: undefined, NO_COLOR: undefined },
    columns: 120,
    rows: 30,
  });
  return terminal;
}

test('once what was in the way of a start is gone, a save brings up all of the stack, in its order', async () => {
  server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const written = (publish: string): string => `services:
  web:
    build: { context: ., dockerfile_inline: "FROM busybox" }
    init: true
    labels: [${testLabel}=1]
    command: [sleep, infinity]
    ports: ["127.0.0.1:${publish}:80"]
    depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }
  db: { ${all}, ${sleeps}, healthcheck: { test: [CMD, "true"], interval: 30s } }
  job: { ${all}, command: ["true"], depends_on: [db] }
`;
  project = createProject({ file: written(String(port)) });
  const screen = open();
  await screen.waitFor(/is in use|port .* taken|in use/);
  await screen.waitFor(/0\/3/);
  await screen.waitFor(/watching the files of/);
  project.write('stack.yaml', written('0'));
  await screen.waitFor(/3\/3 ready/);
  const { stdout } = await project.run(['ps', '--services', '--status', 'running']);
  expect(stdout.trim().split('\n').sort()).toEqual(['db', 'web']);
});

test('who waited for a service that failed is started once that is ready', async () => {
  const written = (ready: string): string => `services:
  slow:
    image: busybox
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command: [sh, -c, "echo tick; exec sleep infinity"]
    x-stack: { ready: { ${ready} } }
  front: { ${all}, ${sleeps}, depends_on: { slow: { condition: service_healthy } } }
  own: { build: { context: ., dockerfile_inline: "FROM busybox" }, init: true, labels: [${testLabel}=1], ${sleeps} }
`;
  project = createProject({ file: written('tcp: 5432, timeout: 30s, retries: 1') });
  const screen = open();
  await screen.waitFor(/was not ready|nothing listens/);
  await screen.waitFor(/watching the files of/);
  project.write('stack.yaml', written('log: tick'));
  await screen.waitFor(/3\/3 ready/);
});
