import { afterAll, expect, test } from 'vitest';
import { asProgram } from '../helpers/as-program.ts';
import { createProject } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const file = 'services: {web: {image: busybox}, db: {image: busybox, profiles: [data]}}\n';
const project = createProject();
project.write('compose.yaml', file);
afterAll(() => project.remove());
const place = asProgram(project, 'docker-compose');

const run = (words: readonly string[], environment: Record<string, string> = {}) =>
  place.start(words, environment).finished;

test('a program named docker-compose says that it is that, in a version that scripts can read', async () => {
  const version = 'v2.40.3+stack.0.1.0';
  const pretty = { code: 0, stdout: `Docker Compose version ${version}\n`, stderr: '' };
  for (const words of [['version'], ['--version'], ['-v'], ['version', '-f', 'pretty']])
    expect(await run(words)).toMatchObject(pretty);
  expect((await run(['version', '--short'])).stdout).toBe(`${version.slice(1)}\n`);
  expect(JSON.parse((await run(['version', '--format', 'json'])).stdout)).toEqual({ version });
  expect((await project.run(['compose', 'version'])).stdout).toBe(pretty.stdout);
  expect((await project.run(['version'])).stdout).toBe('stack 0.1.0\n');
  expect((await project.run(['-v'])).stdout).toBe('0.1.0\n');
});

/** None of these needs an engine. */
const lines: readonly string[] = [
  '',
  '-f compose.yaml',
  '--help',
  'up --help',
  '--help ps',
  'version x',
  'version --foo',
  'foo',
  'upp',
  'compose up',
  '--foo',
  'ps --foo',
  'up --detahc',
  '-a ps',
  'ps -p x',
  'up --profile x',
  'config -f compose.yaml',
  'config --progress plain',
  'config --format',
  '-p',
  'exec',
  'exec web',
  'port web',
  'cp a',
  'attach',
  'wait',
  'config --services',
  '-fcompose.yaml config --services',
  '-f=compose.yaml config --services',
  '--file=compose.yaml --profile=data config --services',
  '--profile data --profile=x config --profiles',
  'config -q --no-interpolate=false web',
  'config --services=T',
  'config --services nope',
  '--verbose config --services',
  '--debug config --services',
  '-D --log-level error config --services',
  '--no-ansi config --services',
  '--ansi=never --progress plain config --services',
  '--ansi=always --progress plain config --services',
  '--ansi never --progress tty config --services',
  '--progress foo config --services',
  '--parallel x config --services',
  '--parallel 2 --all-resources --compatibility config --services',
  '--dry-run config --services',
  'config --dry-run --services',
  '--project-directory . config --services',
  '--workdir . config --services',
];

test.skipIf(compose === undefined).each(lines)(
  'docker-compose %s ends as with Docker Compose',
  async (line) => {
    const words = line.split(' ').filter((word) => word !== '');
    const environment = { COMPOSE_PROJECT_NAME: 'shop' };
    const [ours, theirs] = await Promise.all([
      run(words, environment),
      project.startOther(compose ?? '', words, { environment }).finished,
    ]);
    expect(ours.code, ours.stderr).toBe(theirs.code);
    const isHelp = theirs.stdout.startsWith('Usage:');
    if (theirs.code === 0 && !isHelp) expect(sorted(ours.stdout)).toBe(sorted(theirs.stdout));
    // What went wrong stands on stderr alone.
    else
      expect({ out: ours.stdout !== '', err: ours.stderr !== '' }).toEqual({
        out: theirs.code === 0,
        err: theirs.code !== 0,
      });
  },
);

function sorted(text: string): string {
  return text.split('\n').toSorted().join('\n');
}

test.each([
  ['ps --foo', 'unknown flag: --foo\n  hint: docker compose ps --help explains it\n'],
  ['up --detahc', 'unknown flag: --detahc\n  hint: did you mean `--detach`?\n'],
  ['up -p x', 'unknown flag: -p\n  hint: write -p before the command\n'],
  ['-d up', 'unknown flag: -d\n  hint: docker compose up --help explains it\n'],
  ['upp', 'unknown docker command: "compose upp"\n  hint: did you mean `up`?\n'],
  ['quux', 'unknown docker command: "compose quux"\n  hint: docker compose --help lists the commands\n'],
  ['config --format', 'flag needs an argument: --format\n  hint: docker compose config --help explains it\n'],
  ['--dry-run cp a:b c', 'cp cannot tell what it would do\n  hint: leave out --dry-run\n'],
])('docker-compose %s says what is wrong', async (line, stderr) => {
  expect(await run(line.split(' '))).toMatchObject({ code: 1, stdout: '', stderr });
});

test('problems are JSON where progress is', async () => {
  const { code, stdout, stderr } = await run(['--progress', 'json', 'config', 'nope']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({ error: true, message: 'no such service: nope' });
});

test('what happens is told apart from what services write, in the words of Docker Compose', async () => {
  const label = 'labels: {dev.stack.test: words}';
  project.write(
    'up.yaml',
    `services: {web: {image: busybox, ${label}, command: "sh -c 'echo out; echo err >&2'"}}\nnetworks: {default: {${label}}}\n`,
  );
  const name = project.name;
  const up = await run(['-f', 'up.yaml', 'up']);
  expect(up.code, up.stderr).toBe(0);
  expect(sorted(up.stdout)).toBe(sorted('Attaching to web-1\nweb-1  | out\nweb-1 exited with code 0\n'));
  expect(up.stderr.split('\n')).toEqual(
    expect.arrayContaining([
      ` Network ${name}_default  Created`,
      ` Container ${name}-web-1  Created`,
      'web-1  | err',
    ]),
  );
  const json = await run(['-f', 'up.yaml', '--progress', 'json', 'up', '-d', '--force-recreate']);
  expect(json.stdout).toBe('');
  expect(
    json.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toContainEqual({
    id: `Container ${name}-web-1`,
    status: 'Recreated',
  });
  const quiet = await run(['-f', 'up.yaml', '--progress=quiet', 'stop']);
  expect(quiet).toMatchObject({ code: 0, output: '' });
  const down = await run(['-f', 'up.yaml', 'down'], { COMPOSE_STATUS_STDOUT: '1' });
  expect(down.stdout).toContain(` Network ${name}_default  Removed\n`);
  expect(down.stderr).toBe('');
});
