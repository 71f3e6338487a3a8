import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recall } from '../../../src/cli/again/recall.ts';
import { openSight, watchFileCalls } from '../../../src/cli/again/sight.ts';
import { takeCall } from '../../../src/cli/settings.ts';

let folder: string;
/** What of Node is loaded besides what runs the tests. */
let loaded: string[];
const moduleLoadList = Object.getOwnPropertyDescriptor(process, 'moduleLoadList') ?? {};
watchFileCalls();
beforeEach(() => {
  takeCall({ build: 'a build', openSight });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-recall-'));
  loaded = [];
  Object.defineProperty(process, 'moduleLoadList', { configurable: true, get: () => loaded });
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, 'cache'));
  fs.writeFileSync(at('file'), 'one');
  // Long after the file was written.
  vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ['Date'] });
});
afterEach(() => {
  Object.defineProperty(process, 'moduleLoadList', moduleLoadList);
  vi.useRealTimers();
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

/** How often what the file says has to be found for one question and the next. */
async function timesFound(between: () => unknown = () => {}, question = 'one'): Promise<number> {
  const find = vi.fn(async () => ({ says: fs.readFileSync(at('file'), 'utf8') }));
  for (const asked of ['one', question]) {
    expect(await recall(asked, find)).toEqual({ says: fs.readFileSync(at('file'), 'utf8') });
    if (find.mock.calls.length === 1) await between();
  }
  return find.mock.calls.length;
}

test('what was found is known again', async () => {
  expect(await timesFound()).toBe(1);
});

test.each<[string, () => unknown]>([
  ['a file is another', () => fs.writeFileSync(at('file'), 'two')],
  ['a variable is another', () => vi.stubEnv('MORE', '1')],
  ['it was long ago', () => vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000)],
  ['what is kept is damaged', () => fs.writeFileSync(keptFile(), '{"v":1')],
  ['others can write it', () => fs.chmodSync(keptFile(), 0o666)],
  [
    'it answers something else',
    () => fs.writeFileSync(keptFile(), kept().replace('"asked":"', '"asked":"0')),
  ],
])('it is found again where %s', async (_, between) => {
  expect(await timesFound(between)).toBe(2);
});

const keptFile = (): string => {
  const answers = at('cache/stack/answers');
  return path.join(answers, fs.readdirSync(answers)[0] ?? '');
};
const kept = (): string => fs.readFileSync(keptFile(), 'utf8');

test('nothing is kept by another build, or where it is not known which files are looked at', async () => {
  expect(await timesFound(() => takeCall({ build: 'another', openSight }))).toBe(2);
  fs.rmSync(at('cache'), { recursive: true });
  takeCall({ build: 'a build', openSight: undefined });
  expect(await timesFound()).toBe(2);
  expect(fs.existsSync(at('cache'))).toBe(false);
});

test('what is to be forgotten is not kept, and nothing tells what was asked', async () => {
  const find = vi.fn(async (forget: () => void) => forget());
  for (let times = 1; times <= 2; times++) await recall('one', find);
  expect(find).toHaveBeenCalledTimes(2);
  expect(fs.existsSync(at('cache'))).toBe(false);
  await recall('https://me:token@example.com', async () => 'shop');
  expect(kept()).toContain('shop');
  expect(kept()).not.toContain('token');
});

test('another question is another matter', async () => {
  expect(await timesFound(undefined, 'two')).toBe(2);
});

test.each(['child_process', 'https'])('nothing is kept where %s may have asked someone', async (name) => {
  const find = vi.fn(async () => {
    loaded.push(`NativeModule ${name}`);
    return 'told';
  });
  expect([await recall('one', find), await recall('one', find)]).toEqual(['told', 'told']);
  expect(find).toHaveBeenCalledTimes(2);
});

test('what cannot be found is looked for each time', async () => {
  const find = vi.fn(() => Promise.reject(new Error('no file')));
  for (let times = 1; times <= 2; times++) {
    await expect(recall('one', find)).rejects.toThrow('no file');
    expect(find).toHaveBeenCalledTimes(times);
  }
  expect(fs.existsSync(at('cache'))).toBe(false);
});

test('several see at the same time, and each for itself until its end', () => {
  const [early, late] = [openSight(), openSight()];
  fs.existsSync(at('file'));
  expect(Object.keys(early.close() ?? {})).toEqual([at('file')]);
  fs.existsSync(at('none'));
  late.spoil();
  const third = openSight();
  fs.existsSync(at('more'));
  expect(late.close()).toBeUndefined();
  expect(Object.keys(third.close() ?? {})).toEqual([at('more')]);
});
