import { createHash } from 'node:crypto';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { publicationOf } from '../../src/load/publication.ts';
import { replaceValues } from '../../src/load/yaml/replace.ts';
import { folder, request } from './folder.ts';

function hash(directory: string, name: string): string {
  return createHash('sha256').update(path.join(directory, name)).digest('hex');
}

async function published(files: Readonly<Record<string, string>>) {
  const directory = folder(files);
  const c = { kind: 'stack', name: 'c.yaml', content: Buffer.from('services: {c: {image: x}}') } as const;
  const elsewhere = { digestOf: async () => 'sha256:c', filesOf: async () => [c] };
  const environment = { WHICH: 'a', HOME: directory };
  const loaded = await loadStack(request(directory, { environment, profiles: ['*'], published: elsewhere }));
  const { files: made, localIncludes } = await publicationOf(loaded);
  const told = made.map(({ kind, name, content }) => [kind, name, Buffer.from(content).toString('utf8')]);
  return { directory, told, localIncludes };
}

test('a file that names no others stays as it is', async () => {
  const text = '# top\nx-a: &a {image: nginx}   # one\nservices:\n  web: {<<: *a, ports: ["${P:-80}:80"]}\n';
  const { told } = await published({ 'compose.yaml': text });
  expect(told).toEqual([['stack', 'compose.yaml', text]]);
});

test('env files get names of their own, in whatever form they are named', async () => {
  const form = (one: string, two: string, three: string) => `services:
  a: {image: x, env_file: [${one}, {path: ${two}, required: false}]}   # flow
  b:
    image: x
    env_file:   # list
      - ${one} # first
      - path: ${three}
  c: {image: x, env_file: ${two}}
`;
  const { directory, told } = await published({
    'compose.yaml': form('a.env', '"sub/b.env"', '${WHICH}.env'),
    'a.env': 'A=1',
    'sub/b.env': 'B=1',
  });
  const [a, b] = [`${hash(directory, 'a.env')}.env`, `${hash(directory, 'sub/b.env')}.env`];
  expect(told).toEqual([
    ['stack', 'compose.yaml', form(a, b, a)],
    ['environment', a, 'A=1'],
    ['environment', b, 'B=1'],
  ]);
});

test('an env file that need not be there is left out', async () => {
  const { told } = await published({
    'compose.yaml': 'services: {a: {image: x, env_file: [{path: none.env, required: false}]}}',
  });
  expect(told.map(([kind]) => kind)).toEqual(['stack']);
});

test('extended files come along, with those that they extend and their env files', async () => {
  const { directory, told } = await published({
    'compose.yaml':
      'services: {a: {extends: {file: sub/base.yaml, service: one}}, b: {extends: {file: sub/base.yaml, service: two}}, c: {extends: {service: a}}}',
    'sub/base.yaml': 'services: {one: {extends: {file: more.yaml, service: m}}, two: {image: x}}',
    'sub/more.yaml': 'services: {m: {image: x, env_file: m.env}}',
    'sub/m.env': 'M=1',
  });
  const [base, more] = [
    `${hash(directory, 'sub/base.yaml')}.yaml`,
    `${hash(directory, 'sub/more.yaml')}.yaml`,
  ];
  const variables = `${hash(directory, 'sub/m.env')}.env`;
  expect(told).toEqual([
    [
      'stack',
      'compose.yaml',
      `services: {a: {extends: {file: ${base}, service: one}}, b: {extends: {file: ${base}, service: two}}, c: {extends: {service: a}}}`,
    ],
    ['extended', base, `services: {one: {extends: {file: ${more}, service: m}}, two: {image: x}}`],
    ['extended', more, `services: {m: {image: x, env_file: ${variables}}}`],
    ['environment', variables, 'M=1'],
  ]);
});

test('included files of this machine are told with their places', async () => {
  const { localIncludes } = await published({
    'compose.yaml':
      'include:\n  - a.yaml\n  - path: [b.yaml]\n  - oci://example.com/c\nservices: {s: {image: x}}',
    'a.yaml': 'services: {a: {image: x}}',
    'b.yaml': 'services: {b: {image: x}}',
  });
  expect(localIncludes.map(({ line, column }) => `${line}:${column}`)).toEqual(['2:5', '3:12']);
});

test('values are replaced where they stand: quoted, behind an anchor, in later documents, in an alias', () => {
  const text = 'a: "one"\nb: &x two # c\nc: *x\n---\nd: >\n  three\n';
  const at = (line: number, column: number, value: string) => ({ line, column, value });
  expect(replaceValues(text, [at(1, 4, '1'), at(2, 7, '2'), at(3, 4, '3')])).toBe(
    'a: 1\nb: &x 2 # c\nc: 3\n---\nd: >\n  three\n',
  );
  expect(replaceValues(text, [])).toBe(text);
  expect(replaceValues(text, [at(5, 1, 'D')])).toBe(text.replace('d:', 'D:'));
});
