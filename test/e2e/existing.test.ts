import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, type Finished, type TestProject, testLabel } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

/** The project's name stands in the file: with the variable Docker Compose reads labels when it finds a mistake. */
const environment = { COMPOSE_PROJECT_NAME: '' };

const labels = `labels: [${testLabel}=1]`;
const untilTerm = (code: number): string =>
  `[sh, -c, "trap 'exit ${code}' TERM; echo hello; sleep infinity & wait"]`;
const file = (name: string, scale: number): string => `name: ${name}
services:
  db:
    image: busybox
    ${labels}
    command: ${untilTerm(0)}
    volumes: ["data:/data", "/anonymous"]
  web:
    image: busybox
    ${labels}
    command: ${untilTerm(3)}
    depends_on: {db: {condition: service_started, restart: true}}
    ports: ["127.0.0.1::80", "127.0.0.1::53/udp"]
    scale: ${scale}
  once:
    image: busybox
    ${labels}
    command: ["false"]
  tool:
    image: busybox
    ${labels}
    command: ${untilTerm(0)}
    profiles: [tools]
volumes:
  data:
`;

/** One command after the other on the same project; each is run by both tools, each on a project of its own. */
const steps: readonly {
  readonly words: readonly string[];
  readonly input?: string;
  readonly loose?: true;
}[] = [
  { words: ['ps', '--services'] },
  { words: ['ps', '-a', '--format', '{{.Name}} {{.State}} {{.ExitCode}} {{.Image}} {{json .Command}}'] },
  { words: ['ps', '-a', '--format', 'table {{.Name}}\\t{{.Service}}\\t{{.Project}}'] },
  { words: ['ps', '--status', 'exited', '--services'] },
  { words: ['ps', '--filter', 'status=running', '--services'] },
  { words: ['ps', '--filter', 'name=x'] },
  { words: ['ps', '--orphans=false', '--services'] },
  { words: ['ps', 'nope'] },
  { words: ['images', '-q'] },
  { words: ['images', '--format', 'nope'] },
  { words: ['volumes'] },
  { words: ['volumes', '-q', 'web'] },
  { words: ['volumes', '--format', 'table {{.Name}}\\t{{.Scope}}'] },
  { words: ['volumes', 'nope'] },
  { words: ['port', 'nope', '80'] },
  { words: ['port', 'web', '81'] },
  { words: ['port', '--index', '5', 'web', '80'] },
  { words: ['ls', '--filter', 'nope=x'] },
  { words: ['pause', 'web'] },
  { words: ['ps', '--status', 'paused', '--services'] },
  { words: ['unpause', 'web'] },
  { words: ['kill', '-s', 'NOPE', 'db'] },
  { words: ['kill', 'once'] },
  { words: ['stop', '-t', '5', 'db'] },
  { words: ['start', 'web'] },
  { words: ['restart', 'db'] },
  { words: ['restart', '--no-deps', '-t', '5', 'db'] },
  { words: ['logs', '--no-log-prefix', '--index', '2', '-n', '1', 'web'] },
  { words: ['logs', '--index', '9', 'web'] },
  { words: ['logs', '--index', '1'] },
  { words: ['stop'] },
  { words: ['ps', '-a', '--services'] },
  { words: ['top'], loose: true },
  { words: ['start', 'db'] },
  { words: ['kill', '-s', 'CONT'] },
  { words: ['kill'] },
  { words: ['kill'] },
  { words: ['start', 'nope'] },
  { words: ['rm', 'web'], input: 'n\n', loose: true },
  { words: ['rm', 'once'], input: 'y\n', loose: true },
  { words: ['rm', '-f', 'once'] },
  { words: ['start', 'web'] },
  { words: ['rm', '-f', '-s', '-v', 'web'], loose: true },
  { words: ['wait', 'web'] },
  { words: ['down', '-t', '5', 'db'] },
  { words: ['down', 'nope'] },
  { words: ['down', '--rmi', 'nope'] },
  { words: ['start'] },
  { words: ['restart'] },
  { words: ['pause'] },
  { words: ['rm', '-f'] },
  { words: ['down', '-v'] },
];

describe.skipIf(compose === undefined)('the same commands on two equal projects', () => {
  const projects: TestProject[] = [];
  let ours: TestProject;
  let theirs: TestProject;
  beforeAll(async () => {
    for (const _ of 'ab') {
      const project = createProject();
      project.write('compose.yaml', file(project.name, 2));
      projects.push(project);
      const made = await project.startOther(compose ?? '', ['--profile', 'tools', 'up', '-d'], {
        environment,
      }).finished;
      expect(made.output).toContain('Started');
    }
    [ours, theirs] = projects as [TestProject, TestProject];
  });
  afterAll(async () => {
    for (const project of projects) await project.remove();
  });

  const common = (project: TestProject, text: string): string =>
    text.replaceAll(project.name, 'PROJECT').replace(/ +$/gm, '').replace(/ {2,}/g, '  ');
  /** Of what differs from one look to the next, what is the same. */
  const withoutOrder = (text: string): readonly string[] =>
    text
      .replace(/\d[\d:]+/g, '0')
      .split(/[\s,]+/)
      .filter((word) => word !== '')
      .sort();
  const told = (project: TestProject, { code, stdout }: Finished, loose = false) => ({
    code,
    stdout: loose ? withoutOrder(common(project, stdout)) : common(project, stdout),
  });
  const left = async (project: TestProject) => {
    const { containers, networks, volumes } = await stateOf(project.name);
    return {
      containers: containers.map(({ name, state, exitCode }) =>
        common(project, `${name} ${state} ${exitCode}`),
      ),
      networks: networks.map(({ name }) => common(project, name)),
      volumes: volumes
        .filter(({ name }) => name.startsWith(project.name))
        .map(({ name }) => common(project, name)),
    };
  };

  test.each(steps)('$words', async ({ words, input, loose }) => {
    const options = { environment, input: input ?? '' };
    const mine = await ours.run(words, options);
    const other = await theirs.startOther(compose ?? '', words, options).finished;
    expect(told(ours, mine, loose), mine.output).toEqual(told(theirs, other, loose));
    // Docker Compose does not wait for the end of what it kills.
    await expect.poll(() => left(theirs)).toEqual(await left(ours));
  });
});

describe('a project of its own', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = createProject();
    project.write('compose.yaml', file(project.name, 1));
    expect((await project.run(['up', '-d', '--no-watch'])).code).not.toBe(130);
  });
  afterAll(() => project.remove());

  const states = async (): Promise<string[]> =>
    (await containersOf(project.name)).map(({ service, number, state }) => `${service}-${number} ${state}`);

  test('without a file everything is read from labels', async () => {
    const words = ['-p', project.name];
    const { stdout } = await project.run([...words, 'ps', '--services', '-a'], { environment });
    expect(stdout).toBe('db\nonce\nweb\n');
    expect((await project.run([...words, 'stop', 'db'])).code).toBe(0);
    expect(await states()).toContain('db-1 exited');
    expect((await project.run([...words, 'start', 'web'])).code).toBe(0);
    expect(await states()).toContain('db-1 running');
    const unknown = await project.run([...words, 'stop', 'wen']);
    expect(unknown.code).toBe(0);
    expect(unknown.stderr).toMatch(/no such service: wen[\s\S]*did you mean `web`/);
    expect((await project.run([...words, 'start', 'wen'])).code).toBe(1);
  });

  test('ls, port, images and top speak of it', async () => {
    const { stdout: list } = await project.run([
      'ls',
      '-a',
      '--format',
      'json',
      '--filter',
      `name=^${project.name}$`,
    ]);
    expect(JSON.parse(list)).toEqual([
      {
        Name: project.name,
        Status: expect.stringMatching(/^exited\(1\), running\(2\)$/),
        ConfigFiles: `${project.directory}/compose.yaml`,
        Folder: project.directory,
        Created: expect.any(Number),
        URLs: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)],
      },
    ]);
    expect((await project.run(['port', 'web', '80'])).stdout).toMatch(/^127\.0\.0\.1:\d+\n$/);
    expect((await project.run(['port', '--protocol', 'udp', 'web', '53'])).stdout).toMatch(
      /^127\.0\.0\.1:\d+\n$/,
    );
    const images = JSON.parse((await project.run(['images', '--format', 'json'])).stdout);
    expect(images[0]).toMatchObject({ Repository: 'busybox', Tag: 'latest', Size: expect.any(Number) });
    expect((await project.run(['top', 'db'])).stdout).toMatch(/^SERVICE +# .*CMD\ndb +1 /);
  });

  test('a mistyped service comes with the name that was meant', async () => {
    for (const command of [
      'start',
      'stop',
      'restart',
      'kill',
      'pause',
      'unpause',
      'rm',
      'wait',
      'top',
      'logs',
    ]) {
      const { code, stderr } = await project.run([command, 'wev']);
      expect([command, code]).toEqual([command, 1]);
      expect(stderr).toMatch(/no such service: wev[\s\S]*did you mean `web`/);
    }
  });

  test('what is done is told on stderr, or with --json as events on stdout', async () => {
    const plain = await project.run(['restart', '-t', '5', '--no-deps', 'db']);
    expect([plain.code, plain.stdout]).toEqual([0, '']);
    expect(plain.stderr).toContain('restart container');
    const { stdout } = await project.run(['--json', 'restart', '-t', '5', '--no-deps', 'db']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    // What takes long is said to.
    const types = events.map(({ type }) => type).filter((type) => type !== 'step-progressed');
    expect(types).toEqual(['stack-loaded', 'plan-made', 'step-started', 'step-finished', 'command-ended']);
    expect(events[1]).toMatchObject({ purpose: 'restart', steps: [{ kind: 'restart-container' }] });
  });

  test('events are told as they happen, until Ctrl-C', async () => {
    const watching = project.start(['events', '--json', '--since', '1m', 'db']);
    await project.run(['pause', 'db']);
    await watching.waitFor(/"action":"pause"/);
    await project.run(['unpause', 'db']);
    await watching.waitFor(/"action":"unpause"/);
    watching.signal('SIGINT');
    const { code, stdout } = await watching.finished;
    expect(code).toBe(130);
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.every(({ service, type }) => service === 'db' && type === 'container')).toBe(true);
    const past = await project.run(['events', '--since', '10m', '--until', '0s', 'db']);
    expect(past.code).toBe(0);
    expect(past.stdout).toMatch(
      /^\d{4}-\d\d-\d\d [\d:.]{15} container unpause [0-9a-f]{64} \(.*name=.*\)\n\n$/m,
    );
  });

  test('wait ends with the exit code of the last container, by Ctrl-C with 130, and takes the project down', async () => {
    await project.run(['up', '-d', '--no-watch']);
    const cut = project.start(['--json', 'wait', 'web']);
    await cut.waitFor(/stack-loaded/);
    cut.signal('SIGINT');
    expect((await cut.finished).code).toBe(130);
    const proxy = await openEngineProxy();
    onTestFinished(() => proxy.close());
    const waiting = project.start(['--json', 'wait', '--down-project', 'web'], {
      environment: { DOCKER_HOST: proxy.host },
    });
    await expect.poll(() => proxy.requests()).toContainEqual(expect.stringMatching(/^POST \S*\/wait/));
    await project.run(['kill', '-s', 'TERM', 'web']);
    const { code, stdout } = await waiting.finished;
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.filter(({ type }) => type === 'container-changed')).toMatchObject([
      { service: 'web', number: 1, state: 'exited', exitCode: 3 },
    ]);
    expect(code).toBe(3);
    expect(await stateOf(project.name)).toMatchObject({ containers: [], networks: [] });
  });
});

test('without an engine that is told', async () => {
  const project = createProject({ file: file('shop', 1) });
  try {
    const gone = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    for (const words of [['start'], ['ls'], ['images'], ['events'], ['kill'], ['port', 'web', '80']]) {
      const { code, stdout, stderr } = await project.run(words, { environment: gone });
      expect([words, code, stdout]).toEqual([words, 1, '']);
      expect(stderr).toContain('no Docker Engine answers');
    }
  } finally {
    await project.remove();
  }
});
