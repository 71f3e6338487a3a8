import { expect, test } from 'vitest';
import { originOf } from '../../src/model/stack.ts';
import { loadText, problemsIn, shortly } from './folder.ts';

// Files as no one writes them: large, deep, or with names that mean something to the language stack is written in.

const service = 'services:\n  a:\n    image: i\n';

async function told(text: string): Promise<string[]> {
  return shortly(await problemsIn(loadText(text)));
}

test.each(['!!omap\n      - A: 1', '!!pairs [A: 1]', '!!omap [? A]'])('ordered maps: %s', async (value) => {
  expect((await told(`${service}    environment: ${value}\n`))[0]).toMatch(
    /wrong-type services.a.environment$/,
  );
  const { stack } = await loadText(`${service}x-a: ${value}\n`);
  expect(stack.extensions['x-a']).toHaveLength(1);
});

test('names that every object of the language has', async () => {
  expect(await told(`${service}    depends_on: [constructor]\n`)).toEqual([
    '4:18 undefined-reference services.a.depends_on.constructor',
  ]);
  const optional = '{toString: {condition: service_started, required: false}}';
  expect(await told(`${service}    depends_on: ${optional}\n`)).toEqual([
    '4:18 undefined-reference services.a.depends_on.toString',
  ]);
  const { stack } = await loadText(`${service}    links: [__proto__]\n  __proto__: {image: x}\n`);
  expect(Object.entries(stack.services.a?.depends_on ?? {}).map(([name]) => name)).toEqual(['__proto__']);
  expect(originOf({ origins: {} }, 'constructor')).toBeUndefined();
  const name: string = 'constructor';
  expect([stack.services[name], stack.networks[name], stack.volumes[name]]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a chain of dependencies longer than calls can be nested', async () => {
  const chain = Array.from(
    { length: 12_000 },
    (_, index) => `  s${index}: {image: i, depends_on: [s${index + 1}]}`,
  );
  expect(await told(`services:\n${chain.join('\n')}\n  s12000: {image: i}\n`)).toEqual([]);
});

test('values and variables that are nested too deeply', async () => {
  const nested = (count: number, open: string, close: string) => open.repeat(count) + close.repeat(count);
  expect(await told(`${service}x-a: ${nested(5000, '[', ']')}\n`)).toEqual(['4:505 invalid-yaml']);
  expect(await told(`${service}x-a: ${nested(300, '[', ']')}\n`)).toEqual([]);
  const block = Array.from({ length: 5000 }, (_, index) => `${' '.repeat(index + 1)}a:\n`).join('');
  expect((await told(`x-a:\n${block}`))[0]).toMatch(/invalid-yaml$/);
  const level = (name: string, inner: string) =>
    `x-${name}: &${name} ${'['.repeat(300)}${inner}${']'.repeat(300)}\n`;
  expect(await told(`${level('a', '')}${level('b', '*a')}${service}`)).toEqual(['2:309 invalid-yaml']);
  expect(await told(`${service}x-a: "${nested(5000, '${A:-', '}')}"\n`)).toEqual([
    '4:507 invalid-interpolation x-a',
  ]);
  expect(await told(`${service}x-a: "${nested(100, '${A:-', '}')}"\n`)).toEqual([]);
});

// What takes the square of their number never comes to an end in these.
test.each([
  ['$A', 0],
  ['${A:-x}', 0],
  ['${A:?x$B}', 1],
  ['${A:-', 1],
])('100,000 times %s in one value', { timeout: 60_000 }, async (piece, errors) => {
  const found = await told(`${service}x-a: "${piece.repeat(100_000)}"\n`);
  expect(found.filter((text) => !/unset/.test(text)).length).toBeGreaterThanOrEqual(errors);
});

test('many errors in many services', { timeout: 60_000 }, async () => {
  const services = Array.from({ length: 20_000 }, (_, index) => `  s${index}: {x: 1}`);
  expect(await told(`services:\n${services.join('\n')}\n`)).toHaveLength(20_000);
});

test('ranges of ports', async () => {
  const many = '      - "1-9000"\n      - "1-9000/udp"\n'.repeat(2000);
  expect(await told(`${service}    ports:\n${many}`)).toEqual(['6:9 invalid-value services.a.ports']);
  expect(await told(`${service}    ports: ["1-65535"]\n`)).toEqual([
    '4:13 invalid-value services.a.ports[0]',
  ]);
  const { stack } = await loadText(`${service}    ports: ["1-10000"]\n`);
  expect(stack.services.a?.ports).toHaveLength(10_000);
});

test('names with dots are no paths', async () => {
  const text = `services:
  a:
    image: i
    networks: [n]
  a.networks: {image: i}
  a.b: {image: i, imag: i, depends_on: [c]}
networks: {n: }
`;
  const problems = await problemsIn(loadText(text));
  expect(shortly(problems)).toEqual([
    '6:19 unknown-key services["a.b"].imag',
    '6:41 undefined-reference services["a.b"].depends_on.c',
  ]);
  expect(problems[0]?.service).toBe('a.b');
  const { stack } = await loadText(text.replace(', imag: i, depends_on: [c]', ''));
  const line = (path: string) => originOf(stack, path)?.line;
  expect(
    ['services.a.networks', 'services["a.networks"]', 'services.a.b', 'services.a.b.image'].map(line),
  ).toEqual([4, 5, 6, 6]);
});

test('numbers of healthchecks and networks', async () => {
  expect(await told(`${service}    healthcheck: {retries: -1}\n`)).toEqual([
    '4:28 invalid-value services.a.healthcheck.retries',
  ]);
  expect(await told(`${service}    healthcheck: {retries: "3"}\n`)).toEqual([]);
  expect(await told(`${service}    networks: {default: {priority: "3"}}\n`)).toEqual([
    '4:36 wrong-type services.a.networks.default.priority',
  ]);
});

test.each([
  ['busybox', true],
  ['localhost:5000/a/b-c__d:1.2_x', true],
  ['Registry.Example.com/a', true],
  [`a@sha256:${'0'.repeat(64)}`, true],
  [`a:1@sha256:${'0'.repeat(64)}`, true],
  ['[::1]:5000/a', true],
  ['BusyBox', false],
  ['a/B', false],
  ['a:', false],
  ['a b', false],
  ['a:-x', false],
  ['a@sha256:12', false],
  ['http://a', false],
  ['a--', false],
])('the image %s', async (image, valid) => {
  expect(await told(`services:\n  a:\n    image: "${image}"\n`)).toEqual(
    valid ? [] : ['3:12 invalid-value services.a.image'],
  );
});

test('an image that another file gives may be empty in the first', async () => {
  const documents = 'services: {a: {image: ""}}\n---\nservices: {a: {image: x}}\n';
  expect((await loadText(documents)).stack.services.a?.image).toBe('x');
  expect((await loadText('services: {a: {image: "", build: .}}\n')).stack.services.a).not.toHaveProperty(
    'image',
  );
});
