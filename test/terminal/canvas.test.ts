import { expect, test } from 'vitest';
import { createCanvas } from '../../src/terminal/canvas.ts';

function canvasInto(written: string[], colour = true) {
  return createCanvas((text) => written.push(text), { colour });
}

test('rows that are the same are not written again', () => {
  const written: string[] = [];
  const canvas = canvasInto(written);
  canvas.draw([[{ text: 'one' }], [{ text: 'two' }]]);
  canvas.draw([[{ text: 'one' }], [{ text: 'two' }]]);
  canvas.draw([[{ text: 'one' }], [{ text: 'three', style: 'red' }]]);
  expect(written).toEqual([
    '\u001B[?2026h\u001B[H\u001B[2J\u001B[1;1Hone\u001B[K\u001B[2;1Htwo\u001B[K\u001B[?2026l',
    '\u001B[?2026h\u001B[2;1H\u001B[31mthree\u001B[39m\u001B[K\u001B[?2026l',
  ]);
});

test('what was forgotten is written anew, and of a larger screen nothing is left', () => {
  const written: string[] = [];
  const canvas = canvasInto(written);
  canvas.draw([[{ text: 'one' }], [{ text: 'two' }]]);
  canvas.draw([[{ text: 'one' }]]);
  expect(written[1]).toBe('\u001B[?2026h\u001B[2;1H\u001B[J\u001B[?2026l');
  canvas.forget();
  canvas.draw([[{ text: 'one' }]]);
  expect(written[2]).toContain('\u001B[1;1Hone');
});

test('without colour there is no code but those that move', () => {
  const written: string[] = [];
  canvasInto(written, false).draw([
    [{ text: 'one', style: 'red', inverse: true, sgr: '1', link: 'http://x' }],
  ]);
  expect(written.join('')).not.toMatch(/m|\]8/);
});
