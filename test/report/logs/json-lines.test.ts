import { expect, test } from 'vitest';
import { expandJsonLine, readJsonLine } from '../../../src/report/logs/json-lines.ts';

const line = (object: unknown): string => JSON.stringify(object);

test('message and fields, without what is told otherwise or never changes', () => {
  expect(readJsonLine(line({ level: 30, time: 1, pid: 7, hostname: 'a', v: 0, msg: 'done', ms: 3 }))).toEqual(
    {
      message: 'done',
      fields: [['ms', '3']],
    },
  );
  expect(
    readJsonLine(line({ t: { $date: '2026' }, s: 'I', c: 'NETWORK', msg: 'Listening', attr: { port: 1 } })),
  ).toEqual({
    message: 'Listening',
    fields: [
      ['c', 'NETWORK'],
      ['attr', '{"port":1}'],
    ],
  });
});

test('what only looks dull is kept', () => {
  expect(readJsonLine(line({ t: 5, s: 'x', v: 1, pid: 3 }))?.fields).toEqual([
    ['t', '5'],
    ['s', 'x'],
    ['v', '1'],
    ['pid', '3'],
  ]);
});

test('values that could be misread are quoted; an error is told by its message', () => {
  const { fields } =
    readJsonLine(line({ a: 'b c', d: '', e: null, f: { message: 'g h', stack: '…' } })) ?? {};
  expect(fields).toEqual([
    ['a', '"b c"'],
    ['d', '""'],
    ['e', 'null'],
    ['f', '"g h"'],
  ]);
});

test.each(['{', '[1]', '"x"', '{"a":1', 'text', '', '{}', '{"level":30,"time":1}', '{a}'])(
  'no JSON line: %s',
  (text) => {
    expect(readJsonLine(text)).toBeUndefined();
  },
);

test('all fields on lines of their own', () => {
  expect(expandJsonLine(line({ a: 1, b: { c: [], d: ['x', { e: null }] }, f: 'g\nh' }))).toEqual([
    '  a: 1',
    '  b:',
    '    c: []',
    '    d:',
    '      0: x',
    '      1:',
    '        e: null',
    '  f:',
    '    g',
    '    h',
  ]);
});

test('what is nested very deeply is shown as it is from some depth on', () => {
  const text = `{"a":${'['.repeat(4990)}${']'.repeat(4990)}}`;
  expect(expandJsonLine(text)).toHaveLength(8);
  expect(readJsonLine(text)?.fields[0]?.[1]).toMatch(/^\[+\]+$|^…$/);
});
