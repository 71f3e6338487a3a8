import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lookAt } from '../../../src/cli/again/looks.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-looks-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Whether a place looks another way after a change. */
function isSeen(name: string, change: () => void): boolean {
  const place = path.join(folder, name) + (name.endsWith('/') ? '/' : '');
  const before = lookAt(place).text;
  change();
  return lookAt(place).text !== before;
}

const at = (name: string): string => path.join(folder, name);

test('a file is another one once it is written, replaced, moved away or may be read by others', () => {
  expect(isSeen('file', () => fs.writeFileSync(at('file'), 'one'))).toBe(true);
  expect(isSeen('file', () => fs.writeFileSync(at('file'), 'two'))).toBe(true);
  expect(isSeen('file', () => {})).toBe(false);
  expect(isSeen('file', () => fs.chmodSync(at('file'), 0o600))).toBe(true);
  const replace = () => {
    fs.copyFileSync(at('file'), at('other'));
    fs.renameSync(at('other'), at('file'));
  };
  expect(isSeen('file', replace)).toBe(true);
  expect(isSeen('file', () => fs.renameSync(at('file'), at('other')))).toBe(true);
  expect(lookAt(at('other/below')).text).toBe('');
});

test('of a folder only which it is counts, unless what is in it does', () => {
  fs.mkdirSync(at('sub'));
  const fill = () => fs.writeFileSync(at('sub/file'), '');
  expect(isSeen('sub', fill)).toBe(false);
  expect(isSeen('sub/', () => fs.writeFileSync(at('sub/other'), ''))).toBe(true);
  expect(isSeen('sub/', () => fs.writeFileSync(at('sub/other'), 'more'))).toBe(false);
  const another = () => {
    fs.renameSync(at('sub'), at('before'));
    fs.mkdirSync(at('sub'));
  };
  expect(isSeen('sub', another)).toBe(true);
});

test('of a link counts where it leads, and what is there', () => {
  fs.writeFileSync(at('one'), 'one');
  fs.linkSync(at('one'), at('same'));
  fs.symlinkSync('one', at('link'));
  expect(isSeen('link', () => fs.writeFileSync(at('one'), 'two'))).toBe(true);
  const lead = () => {
    fs.rmSync(at('link'));
    fs.symlinkSync('same', at('link'));
  };
  expect(isSeen('link', lead)).toBe(true);
  expect(isSeen('link', () => fs.rmSync(at('same')))).toBe(true);
});

test('what is in a pipe, a device or a file of the system cannot be told from how it looks', () => {
  execFileSync('mkfifo', [at('pipe')]);
  for (const place of [at('pipe'), '/dev/zero', '/proc/uptime'])
    expect([place, lookAt(place).changed]).toEqual([place, Infinity]);
});
