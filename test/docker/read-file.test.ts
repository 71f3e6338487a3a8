import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import type { EngineHttp } from '../../src/docker/http.ts';
import { readFile } from '../../src/docker/read-file.ts';

const { signal } = new AbortController();

function engineSending(pieces: Iterable<Buffer> | AsyncIterable<Buffer>, status = 200): EngineHttp {
  return { request: async () => ({ status, headers: {}, body: Readable.from(pieces) }) };
}

async function tarOf(text: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'hosts' }, text);
  tar.finalize();
  return buffer(tar as AsyncIterable<Uint8Array>);
}

test('a file says what it says, and one that is not there nothing', async () => {
  expect(await readFile(engineSending([await tarOf('a b')]), 'c1', '/etc/hosts', signal)).toBe('a b');
  const missing = engineSending([Buffer.from('{"message":"no such file"}')], 404);
  expect(await readFile(missing, 'c1', '/etc/hosts', signal)).toBeUndefined();
});

test.each([0, 100, 600])(
  'a connection that breaks after %i bytes is a failure of the reading',
  async (sent) => {
    const tar = await tarOf('x'.repeat(1000));
    async function* breaking() {
      yield tar.subarray(0, sent);
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    }
    await expect(readFile(engineSending(breaking()), 'c1', '/etc/hosts', signal)).rejects.toThrow(
      'read ECONNRESET',
    );
  },
);
