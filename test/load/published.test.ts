import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { failure } from '../../src/model/problem.ts';
import type { ProjectFile, PublishedProjects } from '../../src/model/registry.ts';
import { folder, problemsIn, request } from './folder.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

function file(kind: ProjectFile['kind'], name: string, text: string): ProjectFile {
  return { kind, name, content: Buffer.from(text) };
}

/** Projects that were published, with what was asked for. */
function publishedOf(files: readonly ProjectFile[]) {
  const asked: string[] = [];
  const published: PublishedProjects = {
    async digestOf(reference) {
      asked.push(`digest of ${reference}`);
      return digest;
    },
    async filesOf(reference) {
      asked.push(`files of ${reference}`);
      return files;
    },
  };
  return { published, asked };
}

const whole = [
  file(
    'stack',
    'compose.yaml',
    'name: shop\nservices:\n  web:\n    extends: {file: ab.yaml, service: base}\n',
  ),
  file('stack', 'more.yaml', 'services: {web: {env_file: cd.env}}'),
  file('extended', 'ab.yaml', 'services: {base: {image: nginx}}'),
  file('environment', 'cd.env', 'A=1\n'),
];

test('a published project is loaded with all its files, and got once', async () => {
  const directory = folder({});
  const { published, asked } = publishedOf(whole);
  const load = {
    ...request(directory, { files: ['oci://example.com/shop:1'] }),
    published,
    environment: { HOME: directory },
  };
  const { stack } = await loadStack(load);
  expect(stack.name).toBe('shop');
  expect(stack.services.web).toMatchObject({ image: 'nginx', environment: { A: '1' } });
  expect(stack.directory).toBe(path.join(directory, '.cache/stack/oci', digest.replace(':', '-')));
  expect(readFileSync(path.join(stack.directory, 'compose.yaml'), 'utf8')).toContain(
    'base}\n\n---\nservices:',
  );
  await loadStack(load);
  expect(asked).toEqual([
    'digest of example.com/shop:1',
    'files of example.com/shop:1',
    'digest of example.com/shop:1',
  ]);
});

test('it can be included, and its services extended', async () => {
  const directory = folder({
    'compose.yaml':
      'include: ["oci://example.com/shop"]\nservices: {own: {extends: {file: "oci://example.com/shop", service: web}}}',
  });
  const { published } = publishedOf([file('stack', 'compose.yaml', 'services: {web: {image: nginx}}')]);
  const { stack } = await loadStack({
    ...request(directory),
    published,
    environment: { XDG_CACHE_HOME: path.join(directory, 'cache') },
  });
  expect(Object.entries(stack.services).map(([name, { image }]) => [name, image])).toEqual([
    ['own', 'nginx'],
    ['web', 'nginx'],
  ]);
});

test.each([
  ['../../.bashrc', 'environment'],
  ['a/b.yaml', 'extended'],
  ['a\\b.yaml', 'extended'],
  ['..', 'extended'],
  ['', 'environment'],
  ['compose.yaml', 'extended'],
] as const)('whoever publishes a project cannot write to %j', async (name, kind) => {
  const directory = folder({});
  const { published } = publishedOf([file('stack', 'compose.yaml', 'services: {}'), file(kind, name, 'x')]);
  const load = {
    ...request(directory, { files: ['oci://example.com/shop'] }),
    published,
    environment: { HOME: directory },
  };
  expect(await problemsIn(loadStack(load))).toMatchObject([
    {
      code: 'remote-failed',
      message: 'oci://example.com/shop is no project that can be read',
      cause: `it has a file named \`${name}\``,
    },
  ]);
  expect(existsSync(path.join(directory, '.cache'))).toBe(false);
  expect(readdirSync(path.dirname(directory))).toEqual(['p']);
});

test('what goes wrong is told at the place that asks', async () => {
  const directory = folder({ 'compose.yaml': 'include:\n  - "oci://example.com/none"' });
  const published: PublishedProjects = {
    digestOf: () => Promise.reject(failure({ code: 'image-not-found', message: 'there is none' })),
    filesOf: () => Promise.reject(new Error('not asked for')),
  };
  const load = { ...request(directory), published, environment: { HOME: directory } };
  expect(await problemsIn(loadStack(load))).toMatchObject([
    { code: 'image-not-found', message: 'there is none', location: { line: 2, column: 5 } },
  ]);
});

test.each(['0', 'false', 'off'])('COMPOSE_EXPERIMENTAL_OCI_REMOTE=%s switches it off', async (value) => {
  const { published, asked } = publishedOf(whole);
  const environment = { HOME: '/nowhere', COMPOSE_EXPERIMENTAL_OCI_REMOTE: value };
  const load = { ...request('/', { files: ['oci://example.com/shop'], environment }), published };
  expect(await problemsIn(loadStack(load))).toMatchObject([
    {
      code: 'unsupported-source',
      message: `oci://example.com/shop is not read: COMPOSE_EXPERIMENTAL_OCI_REMOTE is ${value}`,
    },
  ]);
  expect(asked).toEqual([]);
});
