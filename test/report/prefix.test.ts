import { expect, test } from 'vitest';
import { createPrefixer, withHeads } from '../../src/report/prefix.ts';
import { initialView } from '../../src/report/reduce.ts';
import { widthOf } from '../../src/report/width.ts';

const bars = { stdout: '|', stderr: '|' };
const long = 'a-service-with-a-name-that-goes-on-and-on';

function prefixes(sources: readonly string[], columns?: number): readonly string[] {
  const prefixer = createPrefixer({
    colour: false,
    ascii: false,
    bars,
    ...(columns === undefined ? {} : { columns: () => columns }),
  });
  const line = { service: 'web', stream: 'stdout', text: 'x' } as const;
  return sources.map((source) => prefixer.format({ ...line, source }, initialView));
}

test('names that are too long are cut in the middle, so that bars line up and alike names can be told apart', () => {
  expect(prefixes([`${long}-1`, `${long}-12`, 'web-1'])).toEqual([
    'a-service-with-a…oes-on-and-on-1 | x',
    'a-service-with-a…es-on-and-on-12 | x',
    `${'web-1'.padEnd(32)} | x`,
  ]);
});

test('names take no more than a third of the screen, by what they take there', () => {
  expect(prefixes([`${long}-1`], 60)).toEqual(['a-service-…-and-on-1 | x']);
  const [wide = ''] = prefixes([`${'店'.repeat(30)}-1`], 60);
  expect(widthOf(wide.slice(0, wide.indexOf(' |')))).toBeLessThanOrEqual(20);
});

test('what is printed as it came gets the same before each of its lines, empty ones too', () => {
  const head = 'web-1 | ';
  const printed = (text: string): string => `${withHeads(Buffer.from(text), head)}`;
  expect(printed('one\n\ntwo\n')).toBe('web-1 | one\nweb-1 | \nweb-1 | two\n');
  expect(withHeads(Buffer.from('one\n'), '')).toEqual(Buffer.from('one\n'));
});
