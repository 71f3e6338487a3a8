import { expect, test } from 'vitest';
import { readColours } from '../../../src/terminal/logs/colours.ts';

const codes: readonly (readonly [parameters: string, sgr: string | undefined])[] = [
  ['31', '31'],
  ['1;31;44', '1;31;44'],
  ['97;107', '97;107'],
  ['38;5;208', '38;5;208'],
  ['38;2;1;2;3', '38;2;1;2;3'],
  ['38:5:208', '38;5;208'],
  ['38:2::1:2:3', '38;2;1;2;3'],
  ['48:2:1:2:3', '48;2;1;2;3'],
  ['4:3', '4'],
  ['4;4:0', undefined],
  ['31;0', undefined],
  ['1;31;', undefined],
  ['1;2;3;22', '3'],
  ['31;44;39', '44'],
  ['58;5;1;32', '32'],
  // What is cut off or unknown colours nothing.
  ['38;5', undefined],
  ['38;2;1;2', undefined],
  ['38', undefined],
  ['8;5;1', '1'],
  ['999', undefined],
];

test.each(codes)('%s', (parameters, sgr) => {
  expect(readColours(`\u001B[${parameters}mx\u001B[0m`)).toEqual([
    { text: 'x', ...(sgr === undefined ? {} : { sgr }) },
  ]);
});

test('each piece has what is in force there', () => {
  expect(readColours('a\u001B[31mb\u001B[1mc\u001B[39md\u001B[me')).toEqual([
    { text: 'a' },
    { text: 'b', sgr: '31' },
    { text: 'c', sgr: '1;31' },
    { text: 'd', sgr: '1' },
    { text: 'e' },
  ]);
});
