import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Holder, takeLock } from '../../src/files/lock.ts';

const { signal } = new AbortController();

/** Locks in a folder of their own; `dead` are processes that have ended. */
function locks({ dead = [] as readonly number[] } = {}) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'stack-lock-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = path.join(root, 'locks');
  const waitedFor: Holder[] = [];
  // Numbers beyond those of any process, so that nothing is known of when they began.
  const take = (pid: number, ending = signal) =>
    takeLock(
      {
        folder,
        name: 'shop.lock',
        own: { pid, uid: process.getuid?.(), command: `command ${pid}` },
        isAlive: (other) => !dead.includes(other),
        busy: (holder) => waitedFor.push(holder),
      },
      ending,
    );
  return { folder, file: path.join(folder, 'shop.lock'), take, waitedFor };
}

const [first, second, third] = [5_000_001, 5_000_002, 5_000_003] as const;

test('a lock is one file of its owner that says who holds it, and is gone afterwards', async () => {
  const { folder, file, take } = locks();
  const { release, isLeft } = await take(first);
  expect(isLeft).toBe(false);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: first, command: `command ${first}` });
  expect([statSync(file).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(readdirSync(folder)).toEqual(['shop.lock']);
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test('the second is told who holds it, once, and gets it when that is done', async () => {
  const { take, waitedFor, folder } = locks();
  const { release } = await take(first);
  let taken = false;
  const other = take(second).then((result) => {
    taken = true;
    return result;
  });
  await expect.poll(() => waitedFor.length).toBe(1);
  expect(taken).toBe(false);
  release();
  (await other).release();
  expect(waitedFor).toMatchObject([{ pid: first, command: `command ${first}` }]);
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a process that has ended is taken over, by one of those who want it', async () => {
  const { take, folder } = locks({ dead: [first] });
  await take(first);
  const left: boolean[] = [];
  let holding = 0;
  let most = 0;
  const work = async (pid: number) => {
    const { release, isLeft } = await take(pid);
    left.push(isLeft);
    holding += 1;
    most = Math.max(most, holding);
    await new Promise((resolve) => setImmediate(resolve));
    holding -= 1;
    release();
  };
  // Many at once, so that some find the dead lock while others already hold theirs.
  await Promise.all(Array.from({ length: 40 }, (_, index) => work(index % 2 === 0 ? second : third)));
  expect(most).toBe(1);
  expect(left.filter((isLeft) => isLeft)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('so is that of a process whose number another one has now', async () => {
  const { take, file, folder, waitedFor } = locks();
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file, JSON.stringify({ pid: process.pid, began: 'earlier', command: 'x', mark: 'x' }));
  (await take(second)).release();
  expect(waitedFor).toEqual([]);
});

test('a file that is no lock of ours holds nobody up', async () => {
  const { take, file, folder } = locks();
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file, '');
  (await take(first)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('waiting ends with the signal and leaves the lock to its holder', async () => {
  const { take, folder, waitedFor } = locks();
  await take(first);
  const ending = new AbortController();
  const waiting = take(second, ending.signal);
  await expect.poll(() => waitedFor.length).toBe(1);
  ending.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(readdirSync(folder)).toEqual(['shop.lock']);
});

test('a folder that others may write to keeps no locks', async () => {
  const { take, folder } = locks();
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  await expect(take(first)).rejects.toThrow('others may write to it');
});
