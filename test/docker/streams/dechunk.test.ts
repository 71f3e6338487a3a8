import { describe, expect, it } from 'vitest';
import { createDechunker } from '../../../src/docker/streams/dechunk.ts';

const body = '5\r\nhello\r\n1;name="value"\r\n \r\nA\r\nworld\r\n0\r\n\r\n0\r\nTrailer: 0\r\n\r\n';

describe('createDechunker', () => {
  it('gives what is in the chunks, wherever the bytes are cut', () => {
    for (let size = 1; size <= body.length; size += 1) {
      const dechunker = createDechunker();
      let text = '';
      for (let at = 0; at < body.length; at += size) {
        expect(dechunker.isOver).toBe(false);
        text += dechunker.push(Buffer.from(body.slice(at, at + size)));
      }
      expect(text).toBe('hello world\r\n0\r\n');
      expect(dechunker.isOver).toBe(true);
    }
  });

  it('leaves out what comes after the end', () => {
    const dechunker = createDechunker();
    expect(`${dechunker.push(Buffer.from('1\r\na\r\n0\r\n\r\n1\r\nb\r\n'))}`).toBe('a');
    expect(dechunker.isOver).toBe(true);
  });

  it.each(['hello', '\r\n1\r\na', '1\r\nab\r\n', '-1\r\n', 'fffffffffffff\r\n', '<html>'])(
    'refuses %j as Node does',
    (text) => {
      const refused = expect.objectContaining({ code: 'HPE_INVALID_CHUNK_SIZE' });
      expect(() => createDechunker().push(Buffer.from(text))).toThrow(refused);
    },
  );
});
