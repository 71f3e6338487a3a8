import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fillDotenv } from '../../src/cli/dotenv.ts';
import { writeOutput } from '../../src/cli/output.ts';

function folder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'stack-output-'));
}

test('a file that is written anew keeps its mode, whatever new files get', async () => {
  const file = path.join(folder(), '.env');
  writeFileSync(file, 'A=1\n');
  chmodSync(file, 0o666);
  await writeOutput(file, 'A=2\n', 0o600);
  expect(readFileSync(file, 'utf8')).toBe('A=2\n');
  expect(statSync(file).mode & 0o777).toBe(0o666);
});

test.skipIf(process.getuid?.() !== 0)('what root writes for someone else stays theirs', async () => {
  const file = path.join(folder(), '.env');
  writeFileSync(file, 'A=1\n', { mode: 0o600 });
  chownSync(file, 1234, 4321);
  await writeOutput(file, 'A=2\n', 0o600);
  const { uid, gid, mode } = statSync(file);
  expect([uid, gid, mode & 0o777]).toEqual([1234, 4321, 0o600]);
});

test('where nothing is missing it does not matter whether a .env could be written', async () => {
  const dotenv = path.join(folder(), '.env');
  mkdirSync(dotenv);
  const filled = fillDotenv({ dotenv, variables: [] }, undefined, new AbortController().signal);
  expect(await filled).toEqual({ written: [], left: [] });
});
