import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine } from '../helpers/engine.ts';
import { createProject, type TestProject } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;
const run = promisify(execFile);
const buildx = [path.join(homedir(), '.docker'), '/usr/libexec/docker', '/usr/lib/docker']
  .map((folder) => path.join(folder, 'cli-plugins/docker-buildx'))
  .find((file) => existsSync(file));

let project: TestProject;

beforeEach(() => {
  project = createProject();
});

afterEach(() => project.remove());

/** A file as JSON, which is YAML too; what is built carries the label of tests. */
function writeStack(services: Record<string, object>, rest: object = {}): void {
  project.write('stack.yaml', JSON.stringify({ services, ...rest }));
}

const labels = { 'dev.stack.test': 'build' };

test('secrets reach the steps of a build and nothing that is told of it', async () => {
  project.write('token.txt', 'of-the-file');
  const step = 'RUN --mount=type=secret,id=file --mount=type=secret,id=word cat /run/secrets/* | rev';
  writeStack(
    {
      web: {
        build: {
          context: '.',
          labels,
          secrets: ['file', 'word'],
          dockerfile_inline: `FROM busybox\n${step}\n`,
        },
      },
    },
    { secrets: { file: { file: './token.txt' }, word: { environment: 'WORD' } } },
  );
  const environment = { WORD: 'of-the-variable' };
  const { code, output } = await project.run(['--json', 'build', '--no-cache'], { environment });
  expect(code, output).toBe(0);
  expect(output).toContain('elif-eht-fo');
  expect(output).toContain('elbairav-eht-fo');
  expect(output).not.toMatch(/of-the-(file|variable)/);
});

test('up builds what the build of a service uses first, also if that is not started', async () => {
  writeStack({
    web: {
      build: {
        context: '.',
        labels,
        dockerfile_inline: 'FROM base\nCMD cat /base\n',
        additional_contexts: { base: 'service:base' },
      },
    },
    base: { build: { context: '.', labels, dockerfile_inline: 'FROM busybox\nRUN echo made > /base\n' } },
  });
  const { output } = await project.run(['up', 'web', '--no-color']);
  expect(output).toMatch(/✓ base +build image [\s\S]*✓ web +build image /);
  expect(output).toMatch(/web.*made/);
  expect(output).not.toMatch(/create container .*base/);
});

test('what cannot be built like that is told with its place', async () => {
  writeStack({
    web: {
      build: { context: '.', labels, ssh: ['default'], dockerfile_inline: 'FROM busybox\nRUN true\n' },
    },
  });
  const { code, output } = await project.run(['build', '--trust']);
  expect(code).toBe(1);
  expect(output).toMatch(/stack\.yaml:1:\d+ error: the build of web wants the SSH agent for default/);
  const memory = await project.run(['build', '-m', 'much']);
  expect(memory.output).toContain('invalid argument "much" for "-m, --memory" flag');
});

test('the classic builder refuses what it cannot do', async () => {
  project.write('token.txt', 'x');
  const build = { context: '.', labels, secrets: ['file'], dockerfile_inline: 'FROM busybox\nRUN true\n' };
  writeStack({ web: { build } }, { secrets: { file: { file: './token.txt' } } });
  const refused = await project.run(['build'], { environment: { DOCKER_BUILDKIT: '0' } });
  expect(refused.output).toContain('wants `secrets`, and the engine builds with the classic builder');
  const neither = await project.run(['build'], { environment: { DOCKER_BUILDKIT: 'maybe' } });
  expect(neither.output).toContain('DOCKER_BUILDKIT is neither true nor false: maybe');
});

test('a check tells what is doubtful with its line, and builds nothing', async () => {
  project.write('Dockerfile', 'FROM busybox AS Upper\nLABEL dev.stack.test=build\n');
  writeStack({ web: { build: { context: '.', labels } } });
  const found = await project.run(['build', '--check']);
  expect(found.code).toBe(1);
  expect(found.output).toMatch(/Dockerfile:1:1 error: StageNameCasing: /);
  project.write('Dockerfile', 'FROM busybox AS lower\nLABEL dev.stack.test=build\n');
  expect(await project.run(['build', '--check'])).toMatchObject({ code: 0 });
  expect((await project.run(['images', '--quiet'])).stdout).toBe('');
});

test('attestations are asked for in the printed file, and refused before the build where nothing could keep them', async () => {
  writeStack({ web: { build: { context: '.', labels, dockerfile_inline: 'FROM busybox\n' } } });
  const words = ['build', '--provenance', 'mode=max', '--sbom', 'true'];
  const { stdout } = await project.run([...words, '--print']);
  expect(JSON.parse(stdout).target.web.attest).toEqual(['type=provenance,mode=max', 'type=sbom']);
  const { DriverStatus = [] } = await askEngine<{ DriverStatus?: string[][] }>('GET', '/info');
  if (DriverStatus.flat().includes('io.containerd.snapshotter.v1')) return;
  for (const flag of ['--provenance=true', '--sbom=true']) {
    const { code, output } = await project.run(['build', flag]);
    expect(code).toBe(1);
    expect(output).toMatch(/stack\.yaml:1:\d+ error: the build of web wants an attestation/);
  }
});

test('a key of --ssh reaches the steps that ask for it by its name', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  project.write('key', privateKey);
  const step = 'RUN --mount=type=ssh,id=mine test -S "$SSH_AUTH_SOCK"';
  const dockerfile = `FROM busybox\n${step}\n`.replaceAll('$', '$$$$');
  writeStack({ web: { build: { context: '.', labels, dockerfile_inline: dockerfile } } });
  const without = await project.run(['build', '--no-cache']);
  expect([without.code, without.output]).toEqual([1, expect.stringContaining('--mount=type=ssh')]);
  const { code, output } = await project.run(['build', '--no-cache', '--ssh', 'mine=key']);
  expect(code, output).toBe(0);
});

test('a builder that does not exist is told', async () => {
  writeStack({ web: { build: { context: '.', labels, dockerfile_inline: 'FROM busybox\n' } } });
  const { code, output } = await project.run(['build', '--builder', 'nosuch-builder']);
  expect(code).toBe(1);
  expect(output).toMatch(
    /no builder "nosuch-builder" found|the builder nosuch-builder is one of docker buildx/,
  );
});

test.skipIf(buildx === undefined)('a builder of docker buildx builds, with secrets and bases', async () => {
  const config = path.join(project.directory, 'config');
  const id = createHash('sha256').update('mine').digest('hex');
  const endpoint = { Host: project.environment.DOCKER_HOST, SkipTLSVerify: false };
  const meta = { Name: 'mine', Metadata: {}, Endpoints: { docker: endpoint } };
  project.write(`config/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  mkdirSync(path.join(config, 'cli-plugins'));
  symlinkSync(buildx ?? '', path.join(config, 'cli-plugins/docker-buildx'));
  const step = 'RUN --mount=type=secret,id=word cat /run/secrets/word | rev && cat /base';
  const base = {
    build: { context: '.', labels, dockerfile_inline: 'FROM busybox\nRUN echo made > /base\n' },
  };
  const web = {
    context: '.',
    labels,
    secrets: ['word'],
    additional_contexts: { base: 'service:base' },
    dockerfile_inline: `FROM base\n${step}\n`,
  };
  writeStack({ web: { build: web }, base }, { secrets: { word: { environment: 'WORD' } } });
  const environment = { WORD: 'hidden', DOCKER_HOST: '', DOCKER_CONFIG: config, DOCKER_CONTEXT: 'mine' };
  const words = ['--json', 'build', '--no-cache', '--builder', 'mine'];
  const { code, output } = await project.run(words, { environment });
  expect(code, output).toBe(0);
  expect(output).toContain('neddih');
  expect(output).not.toContain('hidden');
  expect(await project.run(['create', '--no-build'])).toMatchObject({ code: 0 });
});

test.skipIf(compose === undefined)(
  'build --print gives what Docker Compose prints here and now',
  async () => {
    project.write('compose.yaml', readFileSync(path.join(import.meta.dirname, 'data/builds.yaml'), 'utf8'));
    for (const words of [
      [],
      ['--check'],
      ['--push', '--pull', '--no-cache', '--build-arg', 'MORE=1'],
      ['web.x'],
    ]) {
      const { stdout } = await project.run(['build', '--print', ...words]);
      const theirs = await run(compose ?? '', ['build', '--print', ...words], {
        cwd: project.directory,
        env: project.environment,
      });
      expect(inOneOrder(stdout)).toBe(inOneOrder(theirs.stdout));
    }
  },
);

/** Docker Compose has the names of the targets, and limits, in another order each time; nothing else. */
function inOneOrder(text: string): string {
  return text.replace(/("(?:targets|ulimits)": \[\n)([^\]]*)/g, (_, head: string, list: string) => {
    const entries = list.split('\n').map((line) => line.replace(/,$/, ''));
    return head + entries.toSorted().join('\n');
  });
}

test('a lower-case Dockerfile, the own platform and the time of all files are as with docker buildx', async () => {
  project.write('dockerfile', 'FROM busybox\nRUN echo lower\n');
  writeStack({
    web: { build: { context: '.', labels, platforms: ['local'], args: { BUILDKIT_INLINE_CACHE: 1 } } },
  });
  expect((await project.run(['check'])).stdout).not.toContain('error');
  const environment = { SOURCE_DATE_EPOCH: '1000000' };
  const { code, output } = await project.run(['build'], { environment });
  expect(code, output).toBe(0);
  const { Created } = await askEngine<{ Created: string }>('GET', `/images/${project.name}-web/json`);
  expect(Created).toBe('1970-01-12T13:46:40Z');
  // Nothing has changed since; the time counts only for what is built.
  expect((await project.run(['plan'])).stdout).not.toContain('build image');
});
