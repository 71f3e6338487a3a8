import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRuleFiles } from '../../src/docker/sync/rule-files.ts';
import { listFiles } from '../../src/files/list.ts';
import type { WatchRule } from '../../src/model/stack.ts';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rule-')));
  for (const file of [
    'app/src/main.js',
    'app/src/deep/other.js',
    'app/src/deep/notes.txt',
    'app/src/node_modules/lib/index.js',
    'app/src/.main.js.swp',
    'app/src/.git/HEAD',
    'app/src/draft.tmp',
    'app/src/deep/draft.tmp',
    'app/conf',
  ]) {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), '');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (file: string): string => path.join(folder, file);

async function filesOf(rule: Omit<WatchRule, 'action'>, context?: string): Promise<readonly string[]> {
  const build = context === undefined ? undefined : { context: at(context) };
  const files = await readRuleFiles({ action: 'sync', ...rule }, build);
  return (await listFiles(files, files.path)).map((file) => path.relative(folder, file));
}

test('all in a folder but what editors and git keep there', async () => {
  expect(await filesOf({ path: at('app/src') })).toEqual([
    'app/src',
    'app/src/deep',
    'app/src/deep/draft.tmp',
    'app/src/deep/notes.txt',
    'app/src/deep/other.js',
    'app/src/draft.tmp',
    'app/src/main.js',
    'app/src/node_modules',
    'app/src/node_modules/lib',
    'app/src/node_modules/lib/index.js',
  ]);
});

test('patterns are relative to the path, and hold for all in what they match', async () => {
  expect(
    await filesOf({ path: at('app/src'), ignore: ['*.tmp', 'node_modules/'], include: ['**/*.js'] }),
  ).toEqual(['app/src', 'app/src/deep/other.js', 'app/src/main.js']);
  expect(
    await filesOf({ path: at('app/src'), ignore: ['*.tmp', 'node_modules'], include: ['deep'] }),
  ).toEqual([
    'app/src',
    'app/src/deep',
    'app/src/deep/draft.tmp',
    'app/src/deep/notes.txt',
    'app/src/deep/other.js',
  ]);
});

test('what the build leaves out is left out, by patterns relative to its context', async () => {
  writeFileSync(at('app/.dockerignore'), 'src/node_modules\n*.tmp\n**/deep\n');
  expect(await filesOf({ path: at('app/src') }, 'app')).toEqual([
    'app/src',
    'app/src/draft.tmp',
    'app/src/main.js',
  ]);
});

test('a single file, and one that is a link: alone, and through its folder', async () => {
  symlinkSync(at('app/conf'), at('link'));
  for (const name of ['app/conf', 'link']) {
    const files = await readRuleFiles({ action: 'sync', path: at(name) }, undefined);
    expect(files.folders).toEqual([at('app')]);
    expect(files.path).toBe(at('app/conf'));
    expect(files.nameOf(at('app/conf'))).toBe('');
    expect([at('app/conf'), at('app/src/main.js')].map(files.includes)).toEqual([true, false]);
    expect([at('app'), at('app/src'), at('app/conf')].map(files.prunes)).toEqual([false, true, false]);
  }
});

test('ignored folders are not entered', async () => {
  const files = await readRuleFiles(
    { action: 'sync', path: at('app/src'), ignore: ['node_modules'] },
    undefined,
  );
  expect([at('app/src'), at('app/src/node_modules'), at('app/src/deep')].map(files.prunes)).toEqual([
    false,
    true,
    false,
  ]);
});
