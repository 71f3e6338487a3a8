import { chmodSync, cpSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const service = (more: string) => `
services:
  api:
    init: true
    command: [sleep, infinity]
    labels: [${testLabel}=1]
    ${more}
`;

/** Brings the stack up and gives the reasons of builds; none: nothing was asked of a builder. */
async function up(...words: string[]): Promise<readonly string[]> {
  const { code, output, stdout } = await project.run(['--json', 'up', '-d', ...words]);
  expect(code, output).toBe(0);
  return buildsIn(stdout);
}

function buildsIn(lines: string): readonly string[] {
  const events = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return events.flatMap(({ type, steps = [] }) =>
    type === 'plan-made'
      ? steps.flatMap(({ kind, because }: { kind: string; because: string }) =>
          kind === 'build-image' ? [because] : [],
        )
      : [],
  );
}

async function inside(command: string): Promise<string> {
  return (await project.run(['exec', '-T', 'api', 'sh', '-c', command])).stdout;
}

test('an image is built anew exactly when what it is made from has changed, and the reason is told', async () => {
  const file = (name: string) => service(`build: { context: app, args: { WHO: ${name} } }`);
  project.write('stack.yaml', file('one'));
  project.write('app/Dockerfile', 'FROM busybox\nARG WHO\nCOPY . /app\nRUN echo $WHO > /who\n');
  project.write('app/package.json', '{}');
  project.write('app/src/main.js', '1');
  project.write('app/.dockerignore', 'logs\n');
  expect(await up()).toEqual(['the image does not exist']);
  const [first] = await containersOf(project.name);
  expect(await up()).toEqual([]);

  const proxy = await openEngineProxy();
  expect((await project.run(['up', '-d'], { environment: { DOCKER_HOST: proxy.host } })).code).toBe(0);
  await proxy.close();
  expect(proxy.requests()).not.toEqual([]);
  // Builds, their sessions and their contexts are posted.
  expect(proxy.requests().filter((request) => !request.startsWith('GET '))).toEqual([]);

  project.write('app/logs/today', 'ignored');
  project.write('app/.git/index', 'git');
  project.write('app/src/main.js~', 'a backup');
  expect(await up()).toEqual([]);
  expect((await containersOf(project.name)).map(({ id }) => id)).toEqual([first?.id]);

  project.write('app/package.json', '{"name":"app"}');
  const told = 'build image t-api: package.json changed\n'.replace('t-api', `${project.name}-api`);
  expect((await project.run(['plan'])).stdout).toBe(told);
  expect((await project.run(['why', 'api'])).stdout).toContain(told);
  expect((await project.run(['up', '-d', '--dry-run'])).stdout).toBe(told);
  expect((await project.run(['images'])).stderr).toContain('the image of api is stale: package.json changed');
  const kept = await project.run(['up', '-d', '--no-build']);
  expect(kept.output).toContain('the image of api is stale: package.json changed');
  expect(await inside('cat /app/package.json')).toBe('{}');
  const built = await project.run(['up', '-d']);
  expect(built.output).toContain('rebuild api: package.json changed');
  expect(await inside('cat /app/package.json')).toBe('{"name":"app"}');
  expect(await up()).toEqual([]);

  project.write('stack.yaml', file('two'));
  project.write('app/src/new.js', '2');
  rmSync(path.join(project.directory, 'app/src/main.js'));
  expect(await up()).toEqual(['args.WHO changed, src/main.js removed, src/new.js added']);
  expect(await inside('cat /who; ls /app/src')).toBe('two\nmain.js~\nnew.js\n');
  project.write('app/Dockerfile', 'FROM busybox\nARG WHO\nCOPY . /app\nRUN echo $WHO $WHO > /who\n');
  expect(await up()).toEqual(['Dockerfile changed']);
  expect(await up()).toEqual([]);
});

test('a build that was asked for is not made where it is certain what would come out, and that is told', async () => {
  const dockerfile = 'FROM busybox\nCOPY main /main\nRUN cat /main > /made\n';
  const asked = ['a build was asked for'];
  project.write('stack.yaml', service('build: .'));
  project.write('Dockerfile', dockerfile);
  project.write('main', '1');
  expect(await up('--build')).toEqual(asked);
  const ids = async () => (await containersOf(project.name)).map(({ id }) => id);
  const before = await ids();

  const proxy = await openEngineProxy();
  const again = await project.run(['up', '-d', '--build'], { environment: { DOCKER_HOST: proxy.host } });
  await proxy.close();
  expect(again.output).toContain(
    'api: nothing it is built from has changed; `stack build` asks the builder all the same',
  );
  expect(proxy.requests().filter((request) => !request.startsWith('GET '))).toEqual([]);
  expect(await ids()).toEqual(before);
  expect(buildsIn((await project.run(['--json', 'build'])).stdout)).toEqual(['it was asked for']);

  project.write('main', '2');
  expect(await up('--build')).toEqual(asked);
  expect(await inside('cat /made')).toBe('2');
  expect(await up('--build')).toEqual([]);

  // What is no reason to build anew and comes into an image nevertheless.
  chmodSync(path.join(project.directory, 'main'), 0o640);
  expect(await up()).toEqual([]);
  expect(await up('--build')).toEqual(asked);
  expect(await inside('stat -c %a /main')).toBe('640\n');
  expect(await up('--build')).toEqual([]);
  project.write('.git/HEAD', 'main');
  expect(await up('--build')).toEqual([]);
  project.write('Dockerfile', 'FROM busybox\nCOPY . /all\nRUN cat /all/.git/HEAD > /made\n');
  expect(await up('--build')).toEqual(asked);
  project.write('.git/HEAD', 'other');
  expect(await up()).toEqual([]);
  expect(await up('--build')).toEqual(asked);
  expect(await inside('cat /made')).toBe('other');

  // In the place of Docker Compose the builder is asked always, and where not all is seen from here.
  expect((await project.run(['compose', 'up', '-d', '--build'])).output).toContain('api  Built');
  project.write('stack.yaml', service(`build: { context: ., tags: [${project.name}-tagged] }`));
  expect(await up('--build')).toEqual(asked);
  expect(await up('--build')).toEqual(asked);
});

test('what another base image, another build or other words of a command made is known', async () => {
  const base = createProject();
  try {
    const build = async (text: string, more = '') => {
      base.write('stack.yaml', `services: { base: { build: { context: ., labels: [${testLabel}=1] } } }`);
      base.write('Dockerfile', `FROM busybox\nRUN echo ${text} > /base\n${more}`);
      expect((await base.run(['build', '-q'])).code).toBe(0);
    };
    await build('one');
    const image = `\${BASE:-${base.name}-base}`;
    project.write(
      'Dockerfile',
      `ARG BASE\nFROM ${image}\nARG WHO=file\nRUN echo $WHO > /who\nCOPY mine /mine\n`,
    );
    project.write('mine', '1');
    project.write(
      'stack.yaml',
      `${service('build: { context: . }')}
  user:
    init: true
    command: [sleep, infinity]
    labels: [${testLabel}=1]
    build:
      context: user
      dockerfile_inline: "FROM mine\\nRUN cat /base /mine > /both\\n"
      additional_contexts: { mine: "service:api" }
`,
    );
    project.write('user/empty', '');
    await up();
    project.write('README.md', 'copied by no instruction');
    expect(await up()).toEqual([]);

    await build('two', 'ONBUILD COPY READ* /\n');
    expect(await up()).toEqual([
      `README.md added, image ${base.name}-base changed`,
      'api, which it uses, is built anew',
    ]);
    expect((await project.run(['exec', '-T', 'user', 'cat', '/both'])).stdout).toBe('two\n1');
    expect(await up()).toEqual([]);

    await project.run(['build', '-q', '--build-arg', 'WHO=words', 'api']);
    // The one that uses it was built from what it was before.
    expect(await up()).toEqual([`image ${project.name}-api changed`]);
    expect(await inside('cat /who')).toBe('words\n');
  } finally {
    await base.remove();
  }
});

test('equal files are equal whoever has them, since when, and with whatever rights of others', async () => {
  const text = service('build: ./app');
  project.write('stack.yaml', text);
  project.write('app/Dockerfile', 'FROM busybox\nCOPY . /app\n');
  project.write('app/run.sh', 'true');
  chmodSync(path.join(project.directory, 'app/run.sh'), 0o755);
  project.write('app/src/main.js', '1');
  await up();
  const folder = path.join(project.directory, 'app');
  const copy = path.join(project.directory, 'copy');
  cpSync(folder, copy, { recursive: true });
  rmSync(folder, { recursive: true });
  mkdirSync(folder, { mode: 0o700 });
  cpSync(copy, folder, { recursive: true });
  for (const [name, mode] of [
    ['run.sh', 0o700],
    ['src', 0o700],
    ['src/main.js', 0o660],
  ] as const) {
    chmodSync(path.join(folder, name), mode);
    utimesSync(path.join(folder, name), 1, 1);
  }
  expect(await up()).toEqual([]);
  chmodSync(path.join(folder, 'run.sh'), 0o644);
  expect(await up()).toEqual(['run.sh changed']);
});

test('what a bind mount shows needs no build, but for what is copied by name before a RUN', async () => {
  project.write('stack.yaml', service('build: .\n    volumes: [".:/app"]'));
  project.write(
    'Dockerfile',
    'FROM busybox\nCOPY package*.json /\nRUN cat /package.json > /made\nCOPY . /app\n',
  );
  project.write('package.json', '1');
  project.write('main.js', '1');
  await up();
  project.write('main.js', '2');
  expect(await up()).toEqual([]);
  project.write('package.json', '2');
  expect(await up()).toEqual(['package.json changed']);
});

test('what the watcher has built is not built again', async () => {
  project.write('stack.yaml', service('build: .'));
  project.write('Dockerfile', 'FROM busybox\nCOPY main /main\n');
  project.write('main', '1');
  const watching = await project.watch(['watch']);
  project.write('main', '2');
  await watching.waitFor(/rebuilt in/);
  watching.signal('SIGINT');
  await watching.finished;
  expect(await up()).toEqual([]);
  expect(await inside('cat /main')).toBe('2');
});

test.runIf(compose !== undefined)(
  'Docker Compose makes the same image from the same files, and what it made of others is taken as it is',
  async () => {
    const byCompose = async (...words: string[]) => {
      const { code, output } = await project.startOther(compose ?? '', ['-f', 'stack.yaml', ...words])
        .finished;
      expect(code, output).toBe(0);
    };
    const ids = async () => (await containersOf(project.name)).map(({ id }) => id);
    project.write('stack.yaml', service('build: .'));
    project.write('Dockerfile', 'FROM busybox\nCOPY main /main\n');
    project.write('main', '1');
    await up();
    const before = await ids();
    await byCompose('up', '-d', '--build');
    expect(await up()).toEqual([]);
    expect(await ids()).toEqual(before);

    project.write('main', '2');
    await byCompose('up', '-d', '--build');
    const first = await project.run(['up', '-d']);
    expect(first.output).toContain('what the image of api was made from is not known: it is taken as it is');
    expect(first.output).toContain('nothing to do');
    expect((await project.run(['up', '-d'])).output).not.toContain('is not known');
    project.write('main', '3');
    expect((await project.run(['compose', 'up', '-d'])).output).not.toMatch(/Built|stale/);
    expect(await up()).toEqual(['main changed']);
    expect(await inside('cat /main')).toBe('3');
    const after = await ids();
    await byCompose('up', '-d');
    expect(await ids()).toEqual(after);
  },
);
