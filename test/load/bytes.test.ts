import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request, shortly } from './folder.ts';

const text = 'services:\n  a:\n    image: i\n    hostname: "é"\n';

function load(bytes: Buffer) {
  const directory = folder({});
  writeFileSync(path.join(directory, 'stack.yaml'), bytes);
  return loadStack(request(directory));
}

function utf16(big: boolean): Buffer {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, low bytes first', utf16(false)],
  ['UTF-16, high bytes first', utf16(true)],
  ['line ends of Windows', Buffer.from(text.replaceAll('\n', '\r\n'))],
  ['line ends of old systems', Buffer.from(text.replaceAll('\n', '\r'))],
])('%s is read', async (_, bytes) => {
  const { stack, sourceLine } = await load(bytes);
  expect(stack.services.a).toMatchObject({ image: 'i', hostname: 'é' });
  const origin = stack.origins['services.a.hostname'];
  expect(origin).toMatchObject({ line: 4, column: 15 });
  expect(origin && sourceLine(origin)).toBe('    hostname: "é"');
});

test.each([
  ['a byte', 'ff'],
  ['half a character', 'efbf'],
])('%s that is no UTF-8 is told at its place', async (_, hex) => {
  const bytes = Buffer.concat([
    Buffer.from('\uFEFFx-é: 1\nx-é: "é'),
    Buffer.from(hex, 'hex'),
    Buffer.from('"\n'),
  ]);
  expect(shortly(await problemsIn(load(bytes)))).toEqual(['2:8 invalid-yaml']);
});

// As Docker Compose 2.40.3 has it.
test.each([
  ['\x07', false],
  ['\x0c', false],
  ['\x7f', false],
  ['\x80', false],
  ['\x85', true],
  ['\ufeff', true],
  ['\ufffe', false],
  ['\u2028', true],
  ['\u{1f600}', true],
])('the character %j', async (char, allowed) => {
  const problems = await problemsIn(load(Buffer.from(`${text}# x${char}\n`)));
  expect(shortly(problems)).toEqual(allowed ? [] : ['5:4 invalid-yaml']);
});
