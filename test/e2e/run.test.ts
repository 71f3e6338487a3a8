import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const file = `services:
  db:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "trap 'exit 0' TERM; touch /ready; while true; do sleep 0.1; done"]
    healthcheck: {test: [CMD, test, -f, /ready], interval: 300ms, retries: 1000}
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: [echo, default command]
    restart: always
    depends_on: {db: {condition: service_healthy}}
    environment: {A: file}
    ports: ["127.0.0.1::80"]
    volumes: ["data:/data"]
volumes: {data: {labels: [${testLabel}=1]}}
`;

let project: TestProject;
beforeAll(() => {
  project = createProject();
  project.write('compose.yaml', file);
  project.write('more.env', 'FROM=file\nA=file2\n');
});
afterAll(() => project.remove());

test('what the service depends on is ready first, and goes on running', async () => {
  const { code, stdout } = await project.run(['run', '--rm', 'web']);
  expect([code, stdout]).toEqual([0, 'default command\n']);
  const containers = await containersOf(project.name);
  expect(containers.map(({ service, state }) => [service, state])).toEqual([['db', 'running']]);
});

const cases: readonly { readonly words: readonly string[]; readonly input?: string }[] = [
  { words: ['run', '--rm', 'web'] },
  { words: ['run', '--rm', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 4'] },
  { words: ['run', '--rm', 'web', 'nope'] },
  { words: ['run', '--rm', 'nosuch', 'true'] },
  {
    words: [
      'run',
      '--rm',
      '-e',
      'A=given',
      '--env-from-file',
      'more.env',
      'web',
      'sh',
      '-c',
      'echo $A $FROM',
    ],
  },
  { words: ['run', '--rm', '-u', '1', '-w', '/tmp', 'web', 'sh', '-c', 'id -u; pwd'] },
  { words: ['run', '--rm', '--entrypoint', 'echo "a b"', 'web'] },
  { words: ['run', '--rm', '--entrypoint', 'echo', 'web', 'c'] },
  { words: ['run', '--rm', '-v', './more.env:/more:ro', 'web', 'cat', '/more'] },
  { words: ['run', '--rm', '--cap-drop', 'ALL', 'web', 'grep', 'CapEff', '/proc/self/status'] },
  { words: ['run', '--rm', '-P', '-p', '80', 'web', 'true'] },
  { words: ['run', '--rm', '--pull', 'nope', 'web', 'true'] },
  { words: ['run', '--rm', '-t=false', 'web', 'echo', '--rm=true'] },
  { words: ['run', '--rm', '-T', 'web', 'cat'], input: 'piped' },
  { words: ['run', '--rm', '-i=false', 'web', 'cat'], input: 'piped' },
  { words: ['run', '-q', '--rm', '--no-deps', 'web', 'echo', 'quiet'] },
];

describe.skipIf(compose === undefined)('exit code and stdout are those of Docker Compose', () => {
  test.each(cases)('$words', async ({ words, input }) => {
    const options = input === undefined ? {} : { input };
    const theirs = await project.startOther(compose ?? '', words, options).finished;
    const ours = await project.run(words, options);
    expect({ code: ours.code, stdout: ours.stdout }).toEqual({ code: theirs.code, stdout: theirs.stdout });
  });

  test('the container is that of Docker Compose, up to its hash', async () => {
    const name = `${project.name}-same`;
    const words = ['run', '-d', '--name', name, '-e', 'B=1', '-l', 'x=y', 'web', 'sleep', '100'];
    const made = async () => {
      const found = (await containersOf(project.name)).find((container) => container.name === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      const { [label.slug]: slug, 'dev.stack.discovery': _, ...labels } = found.labels;
      expect(slug).toMatch(/^[0-9a-f]{64}$/);
      expect((await project.run(['down', '--remove-orphans'])).code).toBe(0);
      return { labels, id: found.id };
    };
    const { stdout: theirId } = await project.startOther(compose ?? '', words).finished;
    const theirs = await made();
    expect(theirId).toBe(`${theirs.id}\n`);
    const { stdout: ourId } = await project.run(words);
    const ours = await made();
    expect(ourId).toBe(`${ours.id}\n`);
    expect(ours.labels).toEqual(theirs.labels);
  });
});

test('it stays unless it is to be removed, counts for nothing and hides nothing', async () => {
  expect((await project.run(['run', '--no-deps', 'web', 'true'])).code).toBe(0);
  // An engine's list may lag behind what it has told who waited.
  const left = async () => (await containersOf(project.name)).filter(({ oneOff }) => oneOff);
  await expect.poll(left).toMatchObject([{ state: 'exited', number: 0 }]);
  expect((await left())[0]?.name).toMatch(new RegExp(`^${project.name}-web-run-[0-9a-f]{12}$`));
  expect((await project.run(['ps', '-q', 'web'])).stdout).toBe('');
});

test("signals are the process's", async () => {
  const running = project.start([
    'run',
    '--rm',
    '--no-deps',
    'web',
    'sh',
    '-c',
    'trap "echo user" USR1; trap "echo int" INT; trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done',
  ]);
  await running.waitFor(/ready/);
  running.signal('SIGUSR1');
  await running.waitFor(/user/);
  running.signal('SIGINT');
  await running.waitFor(/^int$/m);
  running.signal('SIGTERM');
  expect((await running.finished).code).toBe(9);
});

test('what cannot be started is told with its reason', async () => {
  const { stderr } = await project.run(['run', '--rm', '--no-deps', 'web', 'nope']);
  expect(stderr).toMatch(/there is no nope in the image\n +hint: /);
});
