import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unlinker } from '../../src/docker/sync/unlinker.ts';

const names: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const program = unlinker(names[process.arch] ?? '');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unlinker-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform !== 'linux' || program === undefined)('the program that deletes', () => {
  const run = (...files: string[]): number | null => {
    const file = path.join(folder, 'program');
    writeFileSync(file, program ?? '', { mode: 0o755 });
    return spawnSync(file, files, { cwd: folder }).status;
  };
  const at = (name: string): string => path.join(folder, name);

  test('deletes files, links and empty folders, and itself; what is not there is no failure', () => {
    mkdirSync(at('full/inner'), { recursive: true });
    writeFileSync(at('full/file'), '');
    expect(run('full/file', at('full/inner'), 'full', 'missing', 'program')).toBe(0);
    for (const name of ['full', 'program']) expect(existsSync(at(name))).toBe(false);
  });

  test('says that something is left, and goes on with the rest', () => {
    mkdirSync(at('full/inner'), { recursive: true });
    writeFileSync(at('file'), '');
    expect(run('full', 'file')).toBe(1);
    expect([existsSync(at('full')), existsSync(at('file'))]).toEqual([true, false]);
  });
});

test('there is one for the machines that containers run on', () => {
  for (const architecture of ['amd64', 'arm64'])
    expect(unlinker(architecture)?.subarray(1, 4).toString()).toBe('ELF');
  expect(unlinker('riscv64')).toBeUndefined();
});
