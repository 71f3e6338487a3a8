import { expect, test } from 'vitest';
import { toPlain } from '../../src/load/normal/plain.ts';
import { faultIn } from '../../src/load/yaml/fault.ts';
import { parseYaml } from '../../src/load/yaml/parse.ts';
import { escapeUnseen, printYaml } from '../../src/load/yaml/print.ts';
import type { Problem } from '../../src/model/problem.ts';
import fc from '../helpers/chance.ts';
import { loadText, problemsIn, shortly } from './folder.ts';

function parse(text: string) {
  const problems: Problem[] = [];
  const nodes = parseYaml(text, '-', (problem) => problems.push(problem));
  return { values: nodes?.map((node) => toPlain(node, {})), problems };
}

test('keys of a map win over merge keys, and the first of several sources', () => {
  const { values } = parse(
    'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {<<: *a, z: 4}\n',
  );
  expect(values).toMatchObject([{ c: { x: 3, y: 1, z: 2 }, d: { x: 1, y: 1, z: 4 } }]);
});

test('an anchor that is defined again counts from there on', () => {
  expect(parse('a: &x 1\nb: *x\nc: &x 2\nd: *x\n').values).toEqual([{ a: 1, b: 1, c: 2, d: 2 }]);
});

test('what is wrong with keys and aliases is told in one go', () => {
  const { problems } = parse(
    'a: 1\na: 2\n1: x\n? [b]\n: c\nd: *none\ne: &e [*e]\nf: {<<: 5}\n"g": {"": y}\n',
  );
  expect(shortly(problems)).toEqual([
    '2:1 invalid-yaml',
    '3:1 invalid-yaml',
    '4:3 invalid-yaml',
    '6:4 invalid-yaml',
    '7:8 invalid-yaml',
    '8:9 invalid-yaml',
  ]);
});

test('what the library finds no fault with is read, and nothing else', () => {
  const signs = [
    'a',
    'b: ',
    ': ',
    '- ',
    '? ',
    '\n',
    '\n  ',
    '\n    ',
    ' ',
    '\t',
    '"',
    "'",
    '&a ',
    '*a',
    '!x ',
    '[',
    ']',
  ];
  const more = [
    '{',
    '}',
    ',',
    '#',
    ' # c',
    '|',
    '>-',
    '---',
    '\n---\n',
    '\n...\n',
    '%TAG !e! x:\n---\n',
    '@',
    '\\',
    '$',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...signs, ...more), { maxLength: 12 }), (words) => {
      const text = words.join('');
      expect([text, parseYaml(text, '-', () => {}) === undefined]).toEqual([
        text,
        faultIn(text) !== undefined,
      ]);
    }),
    { numRuns: 2000 },
  );
});

test('many uses of one anchor are fine, a document that explodes is not', async () => {
  const services = Array.from(
    { length: 400 },
    (_, index) => `  s${index}: {<<: *base, labels: *labels}`,
  ).join('\n');
  const plain = `x-base: &base {image: a}\nx-labels: &labels {a: b}\nservices:\n${services}\n`;
  expect(Object.keys((await loadText(plain)).stack.services)).toHaveLength(400);
  const levels = Array.from({ length: 9 }, (_, index) => {
    const inner = Array.from({ length: 9 }, () => `*l${index}`).join(', ');
    return `  l${index + 1}: &l${index + 1} [${inner}]`;
  });
  const bomb = `x-bomb:\n  l0: &l0 [lol]\n${levels.join('\n')}\nservices: {a: {image: a}}\n`;
  expect(shortly(await problemsIn(loadText(bomb)))).toEqual(['7:42 invalid-yaml']);
});

test('what cannot be seen is printed as an escape', () => {
  const hidden = { 'a\u202eb': 'c\u2028d', e: 'f\u009bg\nh\n', i: ['\u2066', '\x7f', 'plain é'] };
  const text = printYaml(hidden);
  expect(text).toMatch(/^[\n\x20-\x7Eé]*$/);
  expect(text).toContain('"a\\u202Eb": "c\\Ld"');
  expect(text).toContain('- plain é');
  expect(parse(text).values).toEqual([hidden]);
  const json = escapeUnseen(JSON.stringify(hidden));
  expect(json).toMatch(/^[\x20-\x7Eé]*$/);
  expect(JSON.parse(json)).toEqual(hidden);
});

test('a key that would merge is quoted', () => {
  const value = { a: { '<<': {}, b: '<<' } };
  expect(printYaml(value)).toBe('a:\n  "<<": {}\n  b: <<\n');
  expect(parse(printYaml(value)).values).toEqual([value]);
});
