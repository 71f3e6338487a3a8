import { expect, test } from 'vitest';
import { isRisky } from '../../../src/report/logs/guard.ts';
import { isMatch, placesOf, readPattern, tryBeforehand } from '../../../src/report/logs/pattern.ts';

/** On 40 of them `(a+)+$` would be tried for hours. */
const endless = `${'a'.repeat(40)}b`;

test('a regular expression that takes for ever is given up, and the program goes on', () => {
  const pattern = readPattern('/(a+)+$/');
  expect(isMatch(pattern, 'aaa')).toBe(true);
  expect(isMatch(pattern, endless)).toBe(false);
  expect(pattern.guard?.isGivenUp()).toBe(true);
  expect(isMatch(pattern, 'aaa')).toBe(false);
  expect(placesOf(pattern, 'aaa')).toEqual([]);
  const searched = readPattern('/(a|a)*$/');
  expect(placesOf(searched, 'baa').map(({ index }) => index)).toEqual([1, 3]);
  expect(placesOf(searched, endless)).toEqual([]);
});

test('many lines are tried at once with the same answers', () => {
  const pattern = readPattern('!/(b+c?)+x/');
  const lines = ['bcx', '\u001B[31mbb\u001B[0mcx', 'y', 'x'];
  const alone = lines.map((line) => isMatch(pattern, line));
  tryBeforehand(pattern, lines);
  expect(lines.map((line) => isMatch(pattern, line))).toEqual(alone);
  expect(alone).toEqual([false, false, true, true]);
});

test.each(['(a+)+', '(a|b)*', '((a+))*x', '(?:x\\d*){3}', '(a)\\1', '.*a.*b.*', '(?<n>a{2,})*'])(
  '/%s/ is kept in check',
  (source) => expect(isRisky(source)).toBe(true),
);

test.each([
  'GET|POST',
  '^(GET|POST) /orders',
  '\\(a+\\)+',
  '[(a+)]+',
  '(ab)+',
  '.*error.*',
  '(a+)?b',
  'a{2,3}',
])('/%s/ needs no check', (source) => expect(isRisky(source)).toBe(false));
