import { randomUUID } from 'node:crypto';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { inLittleRoom } from '../../src/cli/memory.ts';

/** Whether V8 knows code again that it has compiled: only as long as its flags are the same. */
function knows(cachedData: Buffer): boolean {
  // Under the same name it would be known from before.
  return new Script('1 + 1', { cachedData, filename: randomUUID() }).cachedDataRejected === false;
}

const isKnown = Number.parseInt(process.versions.v8, 10) <= 13;

test.runIf(isKnown)('V8 has its own flags again when the work is done, and when it has failed', async () => {
  const code = new Script('1 + 1').createCachedData();
  expect(await inLittleRoom(async () => knows(code))).toBe(false);
  expect(knows(code)).toBe(true);
  const failing = inLittleRoom(async () => expect.fail('it is not there'));
  await expect(failing).rejects.toThrow('it is not there');
  expect(knows(code)).toBe(true);
});
