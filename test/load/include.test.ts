import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request } from './folder.ts';

async function told(files: Readonly<Record<string, string>>) {
  const directory = folder(files);
  const problems = await problemsIn(loadStack(request(directory)));
  const at = (place?: { file: string; line: number }) =>
    place === undefined ? '-' : `${path.relative(directory, place.file)}:${place.line}`;
  return problems.map(({ code, message, location, related = [] }) => ({
    code,
    message: message.replaceAll(directory, '<p>'),
    at: at(location),
    related: related.map((place) => `${at(place.location)} ${place.message}`),
  }));
}

test('included parts keep their places', async () => {
  const directory = folder({
    'compose.yaml': 'include: [sub/p.yaml]',
    'sub/p.yaml': 'name: other\nservices:\n  a:\n    image: x\nvolumes: {v: {}}\nx-y: 1',
  });
  const { stack, read } = await loadStack(request(directory));
  expect(stack).toMatchObject({ name: 'p', directory, extensions: {} });
  expect(stack.origins['services.a.image']).toEqual({ file: `${directory}/sub/p.yaml`, line: 4, column: 12 });
  expect(read).toEqual([`${directory}/compose.yaml`, `${directory}/sub/p.yaml`]);
});

test('a problem in an included file leads back to the stack file', async () => {
  const problems = await told({
    'compose.yaml': 'include:\n  - sub/p.yaml',
    'sub/p.yaml': 'include:\n  - path: q.yaml',
    'sub/q.yaml': 'services:\n  a: {image: x, foo: 1}',
  });
  expect(problems).toEqual([
    {
      code: 'unknown-key',
      message: '`services.a.foo` is not known',
      at: 'sub/q.yaml:2',
      related: ['sub/p.yaml:2 included here', 'compose.yaml:2 included here'],
    },
  ]);
});

test('the same name on both sides', async () => {
  const problems = await told({
    'compose.yaml': 'include:\n  - p.yaml\nservices:\n  a: {image: x}\n  same: {image: x, ports: ["80:80"]}',
    'p.yaml': 'services:\n  a: {image: y}\n  same: {image: x, ports: ["80:80"]}',
  });
  expect(problems).toEqual([
    {
      code: 'conflicting-keys',
      message: '`services.a` is also in a file that is included, and differs',
      at: 'compose.yaml:4',
      related: ['p.yaml:2 the included one', 'compose.yaml:2 included here'],
    },
  ]);
});

test('without an included file nothing is said about what refers to it', async () => {
  const problems = await told({
    'compose.yaml': 'include: [a.yaml]\nservices: {b: {image: x, depends_on: [a]}}',
    'a.yaml': 'services: {a: {image: "x}}',
  });
  expect(problems.map(({ code, at, related }) => [code, at, related])).toEqual([
    ['invalid-yaml', 'a.yaml:1', ['compose.yaml:1 included here']],
  ]);
});

test('files that are missing, and all of them at once', async () => {
  const problems = await told({
    'compose.yaml': 'include:\n  - none.yaml\n  - {path: p.yaml, env_file: no.env}\n  - sub/p.yaml',
    'p.yaml': 'services: {a: {image: x}}',
    'sub/p.yaml': 'include: [none.yaml]',
  });
  expect(problems).toEqual([
    {
      code: 'undefined-reference',
      message: 'the file none.yaml does not exist',
      at: 'compose.yaml:2',
      related: [],
    },
    {
      code: 'missing-env-file',
      message: 'the env file no.env does not exist',
      at: 'compose.yaml:3',
      related: [],
    },
    {
      code: 'undefined-reference',
      message: 'the file none.yaml does not exist',
      at: 'sub/p.yaml:1',
      related: ['compose.yaml:4 included here'],
    },
  ]);
});

test.each([
  ['itself', { 'compose.yaml': 'include: [compose.yaml]' }, 'compose.yaml → compose.yaml'],
  [
    'one that includes it',
    { 'compose.yaml': 'include: [a.yaml]', 'a.yaml': 'include: [compose.yaml]' },
    'compose.yaml → a.yaml → compose.yaml',
  ],
  [
    'as the second of two paths',
    {
      'compose.yaml': 'include: [{path: [a.yaml, b.yaml]}]',
      'a.yaml': 'services: {a: {image: x}}',
      'b.yaml': 'include: [{path: [a.yaml, b.yaml]}]',
    },
    'b.yaml → b.yaml',
  ],
])('a file that includes %s', async (_, files, circle) => {
  const [problem] = await told(files as unknown as Record<string, string>);
  expect(problem).toMatchObject({
    code: 'dependency-cycle',
    message: `files include each other in a circle: ${circle}`,
  });
});

test('doubling at each step ends', async () => {
  const files: Record<string, string> = { 'compose.yaml': 'include: [a0.yaml, b0.yaml]' };
  for (let i = 0; i < 30; i++) {
    files[`a${i}.yaml`] = files[`b${i}.yaml`] = `include: [a${i + 1}.yaml, b${i + 1}.yaml]`;
  }
  files['a30.yaml'] = files['b30.yaml'] = 'services: {a: {image: x}}';
  const problems = await told(files);
  expect(problems.map(({ code, message }) => [code, message])).toEqual([
    ['invalid-value', 'more than 1000 files are included'],
  ]);
});

test('configs and secrets of variables have the values of their own project', async () => {
  const directory = folder({
    'compose.yaml':
      'include: [sub/p.yaml]\nservices: {a: {image: x, secrets: [outer, unset]}}\nsecrets: {outer: {environment: V}, unset: {environment: W}}',
    'sub/p.yaml':
      'services: {b: {image: x, secrets: [inner], configs: [c]}}\nsecrets: {inner: {environment: V}}\nconfigs: {c: {environment: U}}',
    'sub/.env': 'V=in\nU=in',
    '.env': 'U=out',
  });
  const { contents } = await loadStack(request(directory));
  expect(Object.fromEntries(contents)).toEqual({ 'secrets.inner': 'in', 'configs.c': 'out' });
});

test('relative paths of an entry do not depend on the folder in which the command is given', async () => {
  const directory = folder({
    'compose.yaml': 'include: [a/a.yaml]',
    'a/a.yaml': 'include: [{path: b/b.yaml, project_directory: c, env_file: e.env}]',
    'a/b/b.yaml': 'services: {s: {image: "x$A", build: .}}',
    'a/e.env': 'A=1',
    'elsewhere/.keep': '',
  });
  const { stack } = await loadStack(request(path.join(directory, 'elsewhere')));
  expect(stack.services.s).toMatchObject({ image: 'x1', build: { context: `${directory}/a/c` } });
});
