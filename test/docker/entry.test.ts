import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pack } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { addEntry } from '../../src/docker/entry.ts';

test('a large file that shrinks while it is packed is a failure, and of nothing else', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'large');
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
  const tar = pack();
  const adding = addEntry(tar, file, 'large');
  const reading = (async () => {
    let isFirst = true;
    for await (const _ of tar as AsyncIterable<Uint8Array>) {
      if (isFirst) truncateSync(file, 10);
      isFirst = false;
    }
  })();
  await Promise.all([
    expect(adding).rejects.toThrow('Size mismatch'),
    expect(reading).rejects.toThrow('Size mismatch'),
  ]);
});
