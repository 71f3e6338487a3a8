import { describe, expect, it } from 'vitest';
import { type LogBatch, readLogLines } from '../../../src/docker/streams/demux.ts';
import { frame } from '../../helpers/frame.ts';

describe('readLogLines', () => {
  it('takes frames apart wherever the chunks are cut', async () => {
    const stream = Buffer.concat([
      frame(1, 'grüße aus dem '),
      frame(2, 'err one\nerr'),
      frame(1, 'behälter\nzwei\n'),
      frame(2, ' two\n'),
      frame(1, 'no end'),
    ]);
    for (let size = 1; size <= stream.length; size += 1) {
      const batches = await read(chunksOf(stream, size));
      expect(linesOf(batches, 'stdout')).toEqual(['grüße aus dem behälter', 'zwei', 'no end']);
      expect(linesOf(batches, 'stderr')).toEqual(['err one', 'err two']);
    }
  });

  it('takes a chunk of many thousand frames in one batch', async () => {
    const frames = Array.from({ length: 100_000 }, (_, n) => frame(1, `${n}\n`));
    const batches = await read([Buffer.concat(frames)]);
    expect(batches).toHaveLength(1);
    expect(batches[0]?.lines).toHaveLength(100_000);
  });

  it('keeps the order between the streams', async () => {
    const batches = await read([Buffer.concat([frame(1, 'a\nb\n'), frame(2, 'c\n'), frame(1, 'd\n')])]);
    expect(batches).toEqual([
      { stream: 'stdout', lines: ['a', 'b'] },
      { stream: 'stderr', lines: ['c'] },
      { stream: 'stdout', lines: ['d'] },
    ]);
  });

  it('cuts lines that never end, so that they cost no memory', async () => {
    const batches = await read(chunksOf(frame(1, '🙂'.repeat(100_000)), 1000));
    const lines = linesOf(batches, 'stdout');
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(64 * 1024);
    expect(lines.join('')).toBe('🙂'.repeat(100_000));
  });

  it('takes the bytes as they are from a terminal, without its carriage returns', async () => {
    const batches = await read([Buffer.from('one\r\ntw'), Buffer.from('o\r\n')], true);
    expect(batches).toEqual([
      { stream: 'stdout', lines: ['one'] },
      { stream: 'stdout', lines: ['two'] },
    ]);
  });

  it('reads no further than its reader', async () => {
    let sent = 0;
    async function* source(): AsyncGenerator<Buffer> {
      for (;;) {
        sent += 1;
        yield frame(1, `${sent}\n`);
      }
    }
    for await (const { lines } of readLogLines(source(), false)) if (lines[0] === '3') break;
    expect(sent).toBe(3);
  });

  it('throws on what has no frames, and on an end inside of one', async () => {
    await expect(read([Buffer.from('plain text, no frames')])).rejects.toThrow('has no frames');
    await expect(read([frame(1, 'cut off').subarray(0, 12)])).rejects.toThrow('middle of a frame');
    await expect(read([Buffer.from([1, 0, 0])])).rejects.toThrow('middle of a frame');
  });
});

function chunksOf(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

async function read(chunks: readonly Buffer[], tty = false): Promise<LogBatch[]> {
  async function* source(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const batches: LogBatch[] = [];
  for await (const batch of readLogLines(source(), tty)) batches.push(batch);
  return batches;
}

function linesOf(batches: readonly LogBatch[], stream: LogBatch['stream']): string[] {
  return batches.flatMap((batch) => (batch.stream === stream ? batch.lines : []));
}
