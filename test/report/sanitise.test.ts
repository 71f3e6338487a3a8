import { expect, test } from 'vitest';
import { sanitiseData, sanitiseLine } from '../../src/report/sanitise.ts';

const esc = '\u001B';

function clean(line: string, colour = false): string {
  return sanitiseLine(line, { colour });
}

test('leaves text as it is', () => {
  expect(clean('GET / 200 – 名前 🚀')).toBe('GET / 200 – 名前 🚀');
});

test('keeps colours if asked and ends them', () => {
  const red = `${esc}[1;31mred${esc}[0m text`;
  expect(clean(red)).toBe('red text');
  expect(clean(red, true)).toBe(`${red}${esc}[0m`);
});

test.each([
  ['cursor movement', `a${esc}[2A${esc}[10;5Hb${esc}[1Gc`],
  ['erasing', `${esc}[2J${esc}[Ha${esc}[Kbc`],
  ['modes', `${esc}[?1049h${esc}[?25labc`],
  ['titles', `${esc}]0;owned\u0007ab${esc}]2;x${esc}\\c`],
  ['links', `${esc}]8;;http://example.com${esc}\\abc${esc}]8;;${esc}\\`],
  ['device control', `${esc}Pq#0;2;0${esc}\\abc`],
  ['resets', `${esc}cab${esc}7c`],
  ['one byte controls', 'a\u009B2Jb\u0007c\u0008\u0000\u007F'],
  ['reordering marks', 'a\u202Eb\u2066c'],
  ['a cut sequence', `abc${esc}[3`],
])('drops %s', (_, line) => {
  expect(clean(line, true)).toBe('abc');
});

test('shows what of an overwritten line was last to be seen', () => {
  expect(clean('10%\r50%\r100%')).toBe('100%');
  expect(clean('done\r')).toBe('done');
  expect(clean(`50%\r${esc}[K`)).toBe('50%');
});

test('puts tabs where they would be', () => {
  expect(clean('a\tb')).toBe('a       b');
  expect(clean(`${esc}[31ma${esc}[0m\tb`, true)).toBe(`${esc}[31ma${esc}[0m       b${esc}[0m`);
});

test('cuts what is too long without breaking characters or colours', () => {
  expect(clean('x'.repeat(20_000))).toHaveLength(10_001);
  expect(clean(`x${'🚀'.repeat(9000)}`)).toMatch(/🚀…$/u);
  const colourful = clean(`${esc}[31mab`.repeat(5000), true);
  expect(colourful.length).toBeLessThan(10_010);
  expect(colourful.endsWith(`…${esc}[0m`)).toBe(true);
});
test('data stays whole, and no part of it is an order', () => {
  expect(sanitiseData(`a\n\tb${esc}[31mred${esc}[0m`)).toBe(`a\n\tb${esc}[31mred${esc}[0m`);
  expect(sanitiseData(`${esc}]0;x\u0007\u009b2J\u202e\r`)).toBe('␛]0;x␇�2J�␍');
});
