import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request } from './folder.ts';

function load(files: Readonly<Record<string, string>>) {
  return loadStack(request(folder(files)));
}

/** Problems with their places as `file:line`, those of others that matter too. */
async function told(files: Readonly<Record<string, string>>) {
  const directory = folder(files);
  const problems = await problemsIn(loadStack(request(directory)));
  const at = (place?: { file: string; line: number }) =>
    place === undefined ? '-' : `${path.relative(directory, place.file)}:${place.line}`;
  return problems.map(({ code, message, path: where, hint, location, related = [] }) => ({
    code,
    message: message.replaceAll(directory, '<p>'),
    path: where,
    hint: hint?.replaceAll(directory, '<p>'),
    at: at(location),
    related: related.map((place) => `${at(place.location)} ${place.message}`),
  }));
}

test('what is taken over keeps the place where it was written', async () => {
  const { stack, read } = await load({
    'compose.yaml': [
      'services:',
      '  a:',
      '    extends: {file: sub/base.yaml, service: b}',
      '    environment: {B: 2}',
    ].join('\n'),
    'sub/base.yaml': 'services:\n  b:\n    image: x\n    environment:\n      A: 1\n      B: 1\n',
  });
  const placed = (at: string) => {
    const place = stack.origins[at];
    return place && `${path.relative(stack.directory, place.file)}:${place.line}`;
  };
  expect(placed('services.a.image')).toBe('sub/base.yaml:3');
  expect(placed('services.a.environment.A')).toBe('sub/base.yaml:5');
  expect(placed('services.a.environment.B')).toBe('compose.yaml:4');
  expect(read.map((file) => path.relative(stack.directory, file))).toEqual(['compose.yaml', 'sub/base.yaml']);
  expect(stack.files).toHaveLength(1);
});

test('what was replaced is known, the last first', async () => {
  const directory = folder({
    'compose.yaml':
      'services:\n  a:\n    extends: {file: base.yaml, service: b}\n    image: two\n    env_file: e.env\n    environment: {A: own}',
    'base.yaml': 'services:\n  b:\n    image: one\n',
    'over.yaml': 'services:\n  a:\n    image: three\n',
    'e.env': 'A=file',
  });
  const { overridden } = await loadStack(request(directory, { files: ['compose.yaml', 'over.yaml'] }));
  const short = Object.entries(overridden).map(([at, values]) => [
    at,
    values.map(({ value, location }) => `${value} ${path.basename(location.file)}:${location.line}`),
  ]);
  expect(short).toEqual([
    ['services.a.image', ['two compose.yaml:4', 'one base.yaml:3']],
    ['services.a.environment.A', ['file e.env:1']],
  ]);
});

test('a problem in another file names the service that asks for it, once', async () => {
  const problems = await told({
    'compose.yaml':
      'services:\n  a: {extends: {file: b.yaml, service: b}}\n  c: {extends: {file: b.yaml, service: b}}',
    'b.yaml': 'services:\n  b:\n    image: x\n    foo: 1\n  other:\n    bar: 1\n',
  });
  expect(problems).toEqual([
    {
      code: 'unknown-key',
      message: '`services.a.foo` is not known',
      path: 'services.a.foo',
      at: 'b.yaml:4',
      related: ['compose.yaml:2 `a` extends a service of that file'],
    },
  ]);
});

test('what follows from a problem of the extended service is not told as well', async () => {
  const problems = await told({
    'compose.yaml': 'services:\n  a: {extends: b}\n  b: {extends: c}\n  c: {image: [x]}\n',
  });
  expect(problems.map(({ path: where }) => where)).toEqual(['services.c.image']);
});

test('a service that is not there', async () => {
  const problems = await told({
    'compose.yaml': [
      'services:',
      '  a: {image: x, extends: databse}',
      '  database: {image: x}',
      '  c: {image: x, extends: {file: b.yaml, service: other}}',
      '  d: {image: x, extends: {file: none.yaml, service: q}}',
    ].join('\n'),
    'b.yaml': 'services: {b: {image: x}}',
  });
  expect(problems).toEqual([
    {
      code: 'undefined-reference',
      message: 'there is no service `databse` in this file to extend',
      path: 'services.a.extends.service',
      hint: 'did you mean `database`?',
      at: 'compose.yaml:2',
      related: [],
    },
    {
      code: 'undefined-reference',
      message: 'there is no service `other` in b.yaml to extend',
      path: 'services.c.extends.service',
      at: 'compose.yaml:4',
      related: [],
    },
    {
      code: 'undefined-reference',
      message: 'the file none.yaml does not exist',
      path: 'services.d.extends.file',
      hint: 'paths are relative to <p> here',
      at: 'compose.yaml:5',
      related: [],
    },
  ]);
});

test('a circle is told once, with all that is in it', async () => {
  const problems = await told({
    'compose.yaml': 'services:\n  z: {extends: a}\n  a: {extends: {file: b.yaml, service: b}}\n',
    'b.yaml': 'services:\n  b:\n    extends: c\n  c:\n    extends: b\n',
  });
  expect(problems).toEqual([
    {
      code: 'dependency-cycle',
      message: 'services extend each other in a circle: b → c → b',
      path: 'services.z.extends',
      hint: 'remove one of these `extends`',
      at: 'b.yaml:3',
      related: ['b.yaml:5 `c` extends the next one', 'compose.yaml:3 `z` extends a service of that file'],
    },
  ]);
});

test('lines and circles can be long', async () => {
  const chain = (last: string) =>
    Array.from({ length: 2000 }, (_, i) => `  s${i}: {${i === 1999 ? last : `extends: s${i + 1}`}}\n`).join(
      '',
    );
  const { stack } = await load({ 'compose.yaml': `services:\n${chain('image: x')}` });
  expect(stack.services.s0?.image).toBe('x');
  const problems = await told({ 'compose.yaml': `services:\n${chain('extends: s0')}` });
  expect(problems.map(({ code, message }) => [code, message.length < 200])).toEqual([
    ['dependency-cycle', true],
  ]);
});

test('folders that lead into themselves end', async () => {
  const problems = await told({
    'compose.yaml': 'services: {a: {extends: {file: d/compose.yaml, service: a}}}',
    d: '-> .',
  });
  expect(problems.map(({ code }) => code)).toEqual(['unreadable-file']);
});
