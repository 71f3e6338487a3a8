import { expect, test } from 'vitest';
import { createDetachFilter, parseDetachKeys } from '../../../src/docker/streams/detach.ts';

test.each([
  ['ctrl-p,ctrl-q', [16, 17]],
  ['a', [97]],
  ['a,ctrl-X', [97, 24]],
  ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
])('%s are keys', (text, bytes) => {
  expect([...parseDetachKeys(text)]).toEqual(bytes);
});

test.each(['', 'ab', 'ctrl-', 'ctrl-1', 'a,,b', 'ü'])('%j are none', (text) => {
  expect(() => parseDetachKeys(text)).toThrow('invalid detach keys');
});

/** What reaches the process of some pieces, and whether the user left. */
function pass(pieces: readonly string[]): { readonly passed: string; readonly left: boolean } {
  const filter = createDetachFilter(parseDetachKeys('ctrl-p,ctrl-q'));
  let passed = '';
  for (const piece of pieces) {
    const bytes = filter.pass(Buffer.from(piece));
    if (bytes === undefined) return { passed, left: true };
    passed += bytes.toString();
  }
  return { passed, left: false };
}

test.each([
  [['abc'], 'abc', false],
  [['\u0010\u0011'], '', true],
  [['ab', '\u0010', '\u0011', 'c'], 'ab', true],
  [['\u0010x'], '\u0010x', false],
  [['\u0010', 'x'], '\u0010x', false],
  [['\u0010\u0010\u0011'], '', true],
  [['\u0010', '\u0010', 'y'], '\u0010\u0010y', false],
  [['\u0011\u0010'], '\u0011', false],
])('of %j the process gets %j', (pieces, passed, left) => {
  expect(pass(pieces)).toEqual({ passed, left });
});
