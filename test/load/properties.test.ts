import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import type { Node } from '../../src/load/node.ts';
import { toPlain } from '../../src/load/normal/plain.ts';
import { mergeBy, readBy } from '../../src/load/tables/shape.ts';
import { stackFile } from '../../src/load/tables/tables.ts';
import { parseYaml } from '../../src/load/yaml/parse.ts';
import { printYaml } from '../../src/load/yaml/print.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Stack } from '../../src/model/stack.ts';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { placeCases, readCases } from '../helpers/cases.ts';
import fc from '../helpers/chance.ts';
import { folder, loadText, problemsIn, request } from './folder.ts';

// Laws that hold for every file. A failure names the seed with which it comes again.

const accepted = readCases().filter(({ expected }) => expected.json?.ok);
const texts = accepted.flatMap(({ files }) =>
  Object.entries(files).flatMap(([name, text]) => (/\.ya?ml$/.test(name) ? [text] : [])),
);

function printed(stack: Stack): string {
  return printYaml(canonicalStack(stack, { yaml: true })).replaceAll('$', '$$$$');
}

test('what is printed loads to the same again', async () => {
  // An env file can make a variable without a name, which no stack file can have: Docker Compose refuses it, too.
  const printable = accepted.filter(({ expected }) => !JSON.stringify(expected.json).includes('{"":'));
  for (const { name, expected, request } of placeCases(printable)) {
    const first = request(expected.json?.command ?? []);
    const text = printed((await loadStack(first)).stack);
    const { stack } = await loadStack({ ...first, files: ['-'], readStdin: async () => text });
    expect([name, printed(stack)]).toEqual([name, text]);
  }
});

const scalars = [
  'null',
  '[]',
  '{}',
  '""',
  '5',
  '-1',
  '1.5',
  'true',
  '~',
  '$',
  '${A',
  '!reset x',
  '*x',
  '2024-01-01',
];

/** A change of some lines, as a slip of the hand makes it. */
const slip = fc.record({
  at: fc.nat(200),
  to: fc.nat(200),
  kind: fc.constantFrom('delete', 'duplicate', 'swap', 'indent', 'unindent', 'scalar', 'cut', 'join'),
  scalar: fc.constantFrom(...scalars),
});

function slipped(
  text: string,
  slips: readonly (typeof slip extends fc.Arbitrary<infer Slip> ? Slip : never)[],
) {
  const lines = text.split('\n');
  for (const { at, to, kind, scalar } of slips) {
    const index = at % lines.length;
    const other = to % lines.length;
    const line = lines[index] ?? '';
    if (kind === 'delete') lines.splice(index, 1);
    else if (kind === 'duplicate') lines.splice(other, 0, line);
    else if (kind === 'swap') [lines[index], lines[other]] = [lines[other] ?? '', line];
    else if (kind === 'indent') lines[index] = `  ${line}`;
    else if (kind === 'unindent') lines[index] = line.replace(/^ {1,2}/, '');
    else if (kind === 'scalar') lines[index] = line.replace(/(:|-) .*$/, `$1 ${scalar}`);
    else if (kind === 'cut') lines[index] = line.slice(0, to % (line.length + 1));
    else lines.splice(index, 2, `${line}${lines[index + 1] ?? ''}`);
    if (lines.length === 0) lines.push('');
  }
  return lines.join('\n');
}

test('slips give problems with places in the file, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.array(slip, { minLength: 1, maxLength: 5 }),
      async (text, slips) => {
        const wrong = slipped(text, slips);
        const lines = wrong.split('\n').length;
        for (const { code, location, message } of await problemsIn(loadText(wrong))) {
          expect([code, message]).not.toContain('internal');
          expect(message).not.toMatch(/\n|undefined|\[object|\.$/);
          if (location?.file === '-') expect(location.line).toBeLessThanOrEqual(lines);
        }
      },
    ),
    { numRuns: 400 },
  );
});

/** Attributes of a service and of the top with nothing in the places where values belong. */
const hollow = [
  'env_file: [{path: , required: false}]',
  'volumes: [{type: bind, source: , target: /a}, {type: volume, source: , target: }]',
  'ports: [{target: , published: }]',
  'build: {context: , dockerfile: , args: , secrets: [{source: }], additional_contexts: }',
  'secrets: [{source: }]',
  'configs: [{source: , target: }]',
  'healthcheck: {test: , interval: , start_interval: }',
  'depends_on: {b: , c: {condition: }}',
  'deploy: {resources: {limits: , reservations: {devices: [{capabilities: }]}}, restart_policy: , mode: }',
  'networks: {n: {aliases: }}',
  'extends: {service: , file: }',
  'label_file: [null]',
  'develop: {watch: [{path: , action: }]}',
  'logging: {driver: , options: }',
  'ulimits: {nofile: , x: {soft: }}',
  'provider: {type: }',
  'gpus: [{count: }]',
  'credential_spec: {file: }',
  'blkio_config: {weight_device: [{path: }]}',
  'post_start: [{command: }]',
];
const hollowTop = [
  'include: [{path: }]',
  'secrets: {s: {file: }}',
  'configs: {c: {content: }}',
  'networks: {n: {ipam: {config: [{subnet: }]}}}',
  'volumes: {v: {driver: , name: }}',
  'models: {m: {model: }}',
  'name: ',
];
const fillings = [
  '',
  '""',
  '[]',
  '{}',
  'x',
  '5',
  '[null]',
  '[{}]',
  '[[]]',
  'true',
  '"$X"',
  '{"": x}',
  '!reset x',
];

/** The text with one of its hollow places filled in, for each of them. */
function filled(text: string, filling: string): string[] {
  const places = [...text.matchAll(/: (?=[,}\]]|$)/g)].map(({ index }) => index + 2);
  const whole = text.replace(/^(\w+: ).*/, `$1${filling}`);
  return [whole, ...places.map((at) => text.slice(0, at) + filling + text.slice(at))];
}

test('any kind of value in any place gives problems, never a crash', async () => {
  const service = 'services:\n  b: {image: i}\n  c: {image: i}\n  a:\n    image: i$X\n';
  for (const filling of fillings) {
    const inService = hollow
      .flatMap((text) => filled(text, filling))
      .map((text) => `${service}    ${text}\n`);
    const atTheTop = hollowTop.flatMap((text) => filled(text, filling)).map((text) => `${service}${text}\n`);
    for (const text of [...inService, ...atTheTop]) {
      const codes = (await problemsIn(loadText(text))).map(({ code }) => code);
      expect([text, codes.includes('internal')]).toEqual([text, false]);
    }
  }
});

test('bytes of any kind give problems, never a crash', async () => {
  const directory = folder({});
  const file = path.join(directory, 'stack.yaml');
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('', 'services:\n  a:\n    image: '),
      async (bytes, before) => {
        writeFileSync(file, Buffer.concat([Buffer.from(before), bytes]));
        const problems = await problemsIn(loadStack(request(directory)));
        expect(problems.map(({ code }) => code)).not.toContain('internal');
      },
    ),
    { numRuns: 200 },
  );
});

const word = fc.constantFrom('a', 'b', 'c', '1', 'x-y');
const optional = { requiredKeys: [] };
const mapOf = (value: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 });
const texty = fc.uniqueArray(word, { maxLength: 3 });

/** Values that replace each other, and maps of them. */
const scalarFields = {
  hostname: word,
  image: word,
  user: word,
  init: fc.boolean(),
  environment: mapOf(fc.oneof(word, fc.integer(), fc.constant(null))),
  labels: mapOf(word),
  healthcheck: fc.record({ retries: fc.nat(9), interval: fc.constantFrom('1s', '90s') }, optional),
  command: texty,
  'x-more': mapOf(word),
};

/** Lists in which an item that is there already stands for itself. */
const listFields = {
  cap_add: texty,
  dns_search: texty,
  profiles: texty,
  ports: fc.uniqueArray(fc.constantFrom('80', '81:80', '127.0.0.1:82:80/udp', '5000-5001'), { maxLength: 3 }),
  volumes: fc.uniqueArray(fc.constantFrom('/a', 'b:/b', './c:/c:ro'), { maxLength: 3 }),
  extra_hosts: mapOf(fc.constantFrom('1.1.1.1', '2.2.2.2')),
  depends_on: texty,
};

const stackOf = (service: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(
    {
      services: mapOf(fc.record(service, optional)),
      volumes: mapOf(fc.record({ name: word }, optional)),
      networks: mapOf(fc.record({ driver: word, labels: mapOf(word) }, optional)),
      'x-top': mapOf(word),
    },
    optional,
  );

const anyStack = stackOf({ ...scalarFields, ...listFields });

function read(stack: object): Node {
  const problems: Problem[] = [];
  const report = (problem: Problem) => problems.push(problem);
  const [node] = parseYaml(JSON.stringify(stack), '-', report) ?? [];
  const tree = node && readBy(stackFile, node, { path: '', report });
  expect(problems).toEqual([]);
  return tree ?? expect.unreachable();
}

function merged(...trees: readonly Node[]): unknown {
  return toPlain(
    trees.reduce((base, over) => mergeBy(stackFile, base, over)),
    {},
  );
}

test('a file that says nothing changes nothing', () => {
  fc.assert(
    fc.property(anyStack, (stack) => {
      const tree = read(stack);
      const nothing = read({});
      expect(merged(tree, nothing)).toEqual(merged(tree));
      expect(merged(nothing, tree)).toEqual(merged(tree));
    }),
  );
});

test('a file that is given twice counts once', () => {
  fc.assert(
    fc.property(anyStack, (stack) => {
      expect(merged(read(stack), read(stack))).toEqual(merged(read(stack)));
    }),
  );
});

test('values of the later file win, and those that only one has stay', () => {
  fc.assert(
    fc.property(
      fc.record({ user: word, hostname: word }, optional),
      fc.record({ user: word, image: word }, optional),
      (one, two) => {
        const both = merged(read({ services: { a: one } }), read({ services: { a: two } }));
        expect(both).toEqual({ services: { a: { ...one, ...two } } });
      },
    ),
  );
});

test('files may be merged in groups', () => {
  fc.assert(
    fc.property(anyStack, anyStack, anyStack, (a, b, c) => {
      const [one, two, three] = [read(a), read(b), read(c)];
      expect(merged(mergeBy(stackFile, one, two), three)).toEqual(
        merged(one, mergeBy(stackFile, two, three)),
      );
    }),
  );
});
