import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { freePort } from '../helpers/free-port.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const file = (environment: string, more = '') => `
services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    depends_on: [db]
    labels: { ${testLabel}: "1" }
    environment:
      ${environment}
    ${more}
  db: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
`;

test('a plan says what up would do and why, changes nothing, and is empty afterwards', async () => {
  const own = createProject({ file: file('DB_HOST: a') });
  project = own;
  const first = [
    `create network ${own.name}_default: it does not exist`,
    `create container ${own.name}-db-1: it does not exist`,
    `start container ${own.name}-db-1: it is to run`,
    '',
  ].join('\n');
  expect(await own.run(['plan', 'db'])).toMatchObject({ code: 0, stdout: first });
  expect(await own.run(['up', '--dry-run', 'db'])).toMatchObject({ code: 0, stdout: first });
  expect(await own.run(['--dry-run', 'create', 'db'])).toMatchObject({ code: 0 });
  expect(await containersOf(own.name)).toEqual([]);
  const json = (await own.run(['--json', 'plan', 'db'])).stdout.trimEnd().split('\n');
  const event = JSON.parse(json.at(-1) ?? '');
  expect(event).toMatchObject({ type: 'plan-made', purpose: 'up' });
  expect(event.steps).toHaveLength(3);

  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect(await own.run(['plan'])).toMatchObject({ code: 0, stdout: 'nothing to do\n' });
});

test('what changed is told down to the attribute, with its place; credentials are masked', async () => {
  const before = file(
    'DB_HOST: a\n      DB_PASSWORD: one-secret\n      GONE: x',
    'ports: ["127.0.0.1::80"]\n    cap_add: [NET_ADMIN]',
  );
  const own = createProject({ file: before });
  project = own;
  expect((await own.run(['up', '-d'])).code).toBe(0);
  const reasonFor = async (text: string) => {
    own.write('stack.yaml', text);
    const { stdout } = await own.run(['plan', 'web']);
    return stdout.split('\n')[0]?.replace(`replace container ${own.name}-web-1: `, '');
  };
  expect(await reasonFor(before.replace('DB_HOST: a', 'DB_HOST: b'))).toBe(
    'environment.DB_HOST: a → b, stack.yaml:10:16',
  );
  expect(await reasonFor(before.replace('one-secret', 'other-secret'))).toBe(
    'environment.DB_PASSWORD: ******** → ********, stack.yaml:11:20',
  );
  expect(await reasonFor(before.replace('      GONE: x\n', ''))).toMatch(/^environment\.GONE: x → \(none\)/);
  expect(await reasonFor(before.replace('[NET_ADMIN]', '[NET_ADMIN, SYS_TIME]'))).toMatch(
    /^cap_add: \(none\) → SYS_TIME, stack\.yaml:14:/,
  );
  expect(await reasonFor(before.replace('127.0.0.1::80', '127.0.0.1::81'))).toMatch(
    /^ports: 127\.0\.0\.1:80\/tcp → 127\.0\.0\.1:81\/tcp, stack\.yaml:13:/,
  );
  expect(
    await reasonFor(before.replace('init: true', 'init: true\n    volumes: [/data, "./x:/x:ro"]')),
  ).toMatch(/^volumes: \(none\) → .*\/x:\/x:ro, \/data, stack\.yaml:7:/);
  expect(await reasonFor(before.replace('[sleep, infinity]', '[sleep, "9"]'))).toMatch(
    /^command: sleep infinity → sleep 9, stack\.yaml:5:/,
  );
});

test('a container that gets another name is told by the name it has and the name it is to have', async () => {
  const named = (name: string) =>
    `services:\n  web: { image: busybox, command: [sleep, infinity], init: true, container_name: ${name}, labels: [${testLabel}=1] }\n`;
  const own = createProject();
  project = own;
  own.write('stack.yaml', named(`${own.name}-old`));
  expect((await own.run(['up', '-d'])).code).toBe(0);
  own.write('stack.yaml', named(`${own.name}-new`));
  const { stdout } = await own.run(['plan']);
  expect(stdout).toContain(
    `replace container ${own.name}-new: container_name: ${own.name}-old → ${own.name}-new, stack.yaml:2:`,
  );
  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect((await containersOf(own.name)).map(({ name, state }) => [name, state])).toEqual([
    [`${own.name}-new`, 'running'],
  ]);
});

test('a port that is in use is told with who has it, by up and by why', async () => {
  const port = await freePort();
  const web = (host: number) =>
    `services:\n  web: { image: busybox, command: [sleep, infinity], init: true, ports: ["127.0.0.1:${host}:80"], labels: [${testLabel}=1] }\n`;
  const first = createProject({ file: web(port) });
  const own = createProject({ file: web(port) });
  project = own;
  onTestFinished(() => first.remove());
  expect((await first.run(['up', '-d'])).code).toBe(0);
  const holder = `port 127.0.0.1:${port} is in use by container ${first.name}-web-1 of project ${first.name}`;
  const refused = await own.run(['up', '-d']);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(holder);
  // What is not looked at beforehand is told by the engine.
  expect((await own.run(['create'])).code).toBe(0);
  expect((await own.run(['start'])).output).toContain(holder);
  expect((await own.run(['why', 'web'])).stdout).toContain(`it was not started: ${holder}\n`);
  await first.remove();

  // The engine of the tests is on this machine.
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const again = await own.run(['up', '-d']);
  expect(again.output).toMatch(new RegExp(`port .*:${port} is in use by .+ \\(process ${process.pid}\\)`));
});

test('why tells how the containers of a service are, and what would become of them', async () => {
  const own = createProject({ file: file('DB_HOST: a') });
  project = own;
  expect((await own.run(['why', 'web'])).stdout).toMatch(
    /^web has no container\nup would\n {2}create container/,
  );
  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect((await own.run(['why', 'web'])).stdout).toMatch(/-web-1: it runs .*\nup would leave it as it is\n$/);
  own.write('stack.yaml', file('DB_HOST: b'));
  expect((await own.run(['why', 'web'])).stdout).toContain('environment.DB_HOST: a → b');
  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect((await own.run(['why', 'web'])).stdout).toMatch(
    /it took the place of an earlier container: environment\.DB_HOST: a → b, stack\.yaml:10:16\n/,
  );
  expect((await own.run(['why', 'nobody'])).code).toBe(1);
});

test('why tells how a container failed, and what a failing health test says', async () => {
  const own = createProject({
    file: `services:
  fails: { image: busybox, labels: [${testLabel}=1], command: [sh, -c, "echo cannot open /data; exit 3"] }
  sick:
    image: busybox
    labels: [${testLabel}=1]
    init: true
    stop_grace_period: 0s
    command: [sleep, infinity]
    healthcheck: { test: "echo connection refused; exit 1", interval: 100ms, start_period: 1h }
`,
  });
  project = own;
  expect((await own.run(['up', '-d'])).code).toBe(1);
  expect((await own.run(['why', 'fails'])).stdout).toMatch(
    /: it failed \(.*\)\n {2}it ended with exit code 3\n {2}its last lines\n {4}cannot open \/data\n/,
  );
  await expect
    .poll(async () => (await own.run(['why', 'sick'])).stdout)
    .toMatch(
      /it runs and is not healthy yet .*\n {2}it is starting, and its health test fails: connection refused\n/,
    );
});
