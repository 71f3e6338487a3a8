import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import os from 'node:os';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { freePort } from '../helpers/free-port.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

const made: TestProject[] = [];
afterEach(async () => {
  for (const project of made.splice(0)) await project.remove();
});

function projectOf(file: string): TestProject {
  const project = createProject({ file });
  made.push(project);
  return project;
}

const common = `image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1]`;
const labelledNetwork = `networks: { default: { labels: [${testLabel}=1] } }`;

async function listen(port: number, address = '127.0.0.1'): Promise<void> {
  const server = createServer().listen(port, address);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

/** How much of a project there is on the engine. */
async function countObjects({ name }: TestProject): Promise<number> {
  const { containers, networks, volumes } = await stateOf(name);
  return containers.length + networks.length + volumes.length;
}

test('a port that is taken, a variable that is missing, a Dockerfile that is missing and more are one report, and nothing is made', async () => {
  const port = await freePort();
  await listen(port);
  const project = projectOf(`services:
  web:
    build: ./web
    init: true
    ports: ["127.0.0.1:\${WEB_PORT:-${port}}:80"]
    environment: { KEY: "\${API_KEY:?ask a colleague}" }
  db: { ${common}, volumes: ["data:/data"], networks: [default, other] }
networks:
  default: { labels: [${testLabel}=1] }
  other: { name: NAME-other, external: true }
volumes: { data: { labels: [${testLabel}=1] } }
`);
  project.write('web/readme.txt', 'nothing to build');
  for (const words of [['up', '-d'], ['run', '--rm', 'web', 'true'], ['doctor']]) {
    const { code, output } = await project.run(words);
    expect(code, output).toBe(1);
    expect(output).toContain('the variable `API_KEY` needs a value: ask a colleague');
    expect(output).toContain('the Dockerfile web/Dockerfile does not exist');
    // What a single service needs is less.
    if (words[0] === 'run') continue;
    expect(output).toContain('external network NAME-other does not exist');
    expect(output).toMatch(
      new RegExp(`port 127\\.0\\.0\\.1:${port} is in use by .+ \\(process ${process.pid}\\)`),
    );
    expect(output).toMatch(/hint: stop what uses it, or use a free port: WEB_PORT=\d+\n/);
    expect(await countObjects(project)).toBe(0);
  }

  const mended = { API_KEY: 'k', WEB_PORT: String(await freePort()) };
  project.write('web/Dockerfile', `FROM busybox\nLABEL ${testLabel}=1\nCMD ["sleep", "infinity"]\n`);
  const { code, output } = await project.run(['up', '-d', '--no-deps', 'web'], { environment: mended });
  expect([code, output]).toEqual([0, expect.stringContaining('web')]);
});

test('what the engine would refuse is told before anything is made, as JSON, too', async () => {
  const other = projectOf('');
  other.write('stack.yaml', otherFile(other.name));
  expect((await other.run(['up', '-d'])).code).toBe(0);
  const project = projectOf('');
  project.write(
    'stack.yaml',
    `services:
  a: { ${common}, container_name: ${other.name}-taken }
  b: { ${common}, cpus: ${os.cpus().length + 1} }
  c: { ${common}, volumes: [{ type: bind, source: ./missing, target: /x, bind: { create_host_path: false } }] }
networks: { default: { labels: [${testLabel}=1], ipam: { config: [{ subnet: 10.211.0.128/25 }] } } }
`,
  );
  const { code, stdout } = await project.run(['--json', 'up', '-d']);
  const problems = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .flatMap((event) => (event.type === 'problem-found' ? [event.problem] : []));
  expect(code).toBe(1);
  expect(problems.map((problem) => [problem.code, problem.location.line])).toEqual([
    ['name-in-use', 2],
    ['too-few-processors', 3],
    ['bind-source-missing', 4],
    ['subnet-in-use', 5],
  ]);
  expect(problems[0].message).toBe(
    `another container of project ${other.name} has the name ${other.name}-taken`,
  );
  expect(problems[3].message).toContain(`overlaps 10.211.0.0/24 of network ${other.name}_default`);
  expect(await countObjects(project)).toBe(0);
});

function otherFile(name: string): string {
  return `services:
  a: { ${common}, container_name: ${name}-taken }
networks: { default: { labels: [${testLabel}=1], ipam: { config: [{ subnet: 10.211.0.0/24 }] } } }
`;
}

test('what works is not refused', async () => {
  const [own, udp, other, range] = [await freePort(), await freePort(), await freePort(), await freePort()];
  await listen(udp);
  await listen(other, '127.0.0.2');
  await listen(range);
  const file = (environment: string) => `services:
  replaced: { ${common}, environment: { A: ${environment} }, ports: ["127.0.0.1:${own}:80"] }
  udp: { ${common}, ports: ["127.0.0.1:${udp}:53/udp", "127.0.0.1:${other}:80", "127.0.0.1:${range}-${range + 20}:81", "82"] }
${labelledNetwork}
`;
  const project = projectOf(file('a'));
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  // Nothing is to be done, and then one container takes the place of another.
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  project.write('stack.yaml', file('b'));
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await listen(own);
  // What is only made takes no port.
  expect(await project.run(['create', '--force-recreate'])).toMatchObject({ code: 0 });
  const refused = await project.run(['up', '-d']);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`port 127.0.0.1:${own} is in use by`);
  expect((await containersOf(project.name)).every(({ state }) => state === 'created')).toBe(true);
});

test('in the place of Docker Compose its words are there, and UDP ports are looked at', async () => {
  const port = await freePort();
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  const project = projectOf(
    `services:\n  a: { ${common}, ports: ["127.0.0.1:${port}:53/udp"] }\n${labelledNetwork}\n`,
  );
  const { code, stderr } = await project.run(['compose', 'up', '-d']);
  expect(code).toBe(1);
  expect(stderr).toContain(`Bind for 127.0.0.1:${port} failed: port is already allocated`);
  expect(await countObjects(project)).toBe(0);
});

test('doctor tells of a stack whose way is free', async () => {
  const project = projectOf(`services:\n  a: { ${common} }\n`);
  const { code, stdout } = await project.run(['doctor']);
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining(`✓ nothing is in the way of the stack ${project.name}\n`),
  ]);
});
