import { describe, expect, it } from 'vitest';
import { createPrintableReader, type Times } from '../../../src/docker/streams/printable.ts';
import { frame } from '../../helpers/frame.ts';

const time = '2026-01-01T00:00:00.000000001Z';
const later = '2026-01-01T00:00:01.5+02:00';

describe('createPrintableReader', () => {
  it('gives what is printable as bytes, wherever the chunks are cut', () => {
    const frames = Buffer.concat([frame(1, 'one\n'), frame(2, 'bad\n'), frame(1, 'two\n\nthree\n')]);
    for (let size = 1; size <= frames.length; size += 1) {
      const read = reading('none', chunksOf(frames, size));
      expect(read.every(({ isBytes }) => isBytes)).toBe(true);
      expect(textOf(read, 'stdout')).toBe('one\ntwo\n\nthree\n');
      expect(textOf(read, 'stderr')).toBe('bad\n');
    }
  });

  it('keeps the order between the streams, and puts together what follows each other', () => {
    const frames = [frame(1, 'a\n'), frame(1, 'b\n'), frame(2, 'c\n'), frame(1, ''), frame(1, 'd\n')];
    expect(reading('none', [Buffer.concat(frames)])).toEqual([
      { stream: 'stdout', text: 'a\nb\n', isBytes: true, time: '' },
      { stream: 'stderr', text: 'c\n', isBytes: true, time: '' },
      { stream: 'stdout', text: 'd\n', isBytes: true, time: '' },
    ]);
  });

  it.each([
    ['an escape', '\u001B[31mred\n'],
    ['a bell', 'a\u0007b\n'],
    ['a delete', 'a\u007Fb\n'],
    ['a tab', 'a\tb\n'],
    ['a carriage return', 'a\r\n'],
    ['what is no ASCII', 'grüße\n'],
    ['a mark that turns text round', 'a\u202Eb\n'],
    ['no end', 'a'],
    ['more than is shown of a line', `${'x'.repeat(10_001)}\n`],
  ])('gives what comes with %s as text, and bytes again after it', (_, odd) => {
    const all = ['before\n', odd, 'end\n', 'after\n'].map((text) => frame(1, text));
    const read = reading('none', all);
    expect(read.map(({ text }) => text).join('')).toBe(`before\n${odd.replace('\r', '')}end\nafter\n`);
    const isWhole = odd.endsWith('\n');
    expect(read.map(({ isBytes }) => isBytes)).toEqual(
      isWhole ? [true, false, true, true] : [true, false, true],
    );
  });

  it('leaves times out or keeps them, and tells the last one of each batch', () => {
    const frames = [frame(1, `${time} a\n`), frame(1, `${later} b b\n`), frame(2, `${time} \n`)];
    expect(reading('cut', [Buffer.concat(frames)])).toEqual([
      { stream: 'stdout', text: 'a\nb b\n', isBytes: true, time: later },
      { stream: 'stderr', text: '\n', isBytes: true, time },
    ]);
    expect(reading('kept', [Buffer.concat(frames)])).toEqual([
      { stream: 'stdout', text: `${time} a\n${later} b b\n`, isBytes: true, time: later },
      { stream: 'stderr', text: `${time} \n`, isBytes: true, time },
    ]);
  });

  it.each(['a b\n', '2026 a\n', '2026-01-01Tnoon?00:00:00 a\n'])(
    'gives %j as text where times are expected',
    (text) => {
      expect(reading('cut', [frame(1, text)])).toEqual([
        { stream: 'stdout', text, isBytes: false, time: '' },
      ]);
    },
  );

  it('waits for no frame that is too large to be one of the engine, and loses nothing of it', () => {
    const large = frame(1, `${'x'.repeat(99)}\n`.repeat(3000));
    const read = reading('none', chunksOf(large, 10_000));
    expect(read.length).toBeGreaterThan(10);
    expect(textOf(read, 'stdout')).toBe(`${'x'.repeat(99)}\n`.repeat(3000));
  });

  it('complains of bytes that are no frame, and of an end inside of one', () => {
    expect(() => reading('none', [Buffer.from('no frames at all\n')])).toThrow(/no frames/);
    expect(() => reading('none', [frame(1, 'abc\n').subarray(0, 10)])).toThrow(/middle of a frame/);
    expect(() => reading('none', [frame(1, 'abc\n').subarray(0, 3)])).toThrow(/middle of a frame/);
  });
});

interface Read {
  readonly stream: string;
  readonly text: string;
  readonly isBytes: boolean;
  readonly time: string;
}

function reading(times: Times, chunks: readonly Buffer[]): readonly Read[] {
  const reader = createPrintableReader(times);
  const read: Read[] = [];
  const take = (batches: ReturnType<typeof reader.push>): void => {
    for (const batch of batches) {
      if ('bytes' in batch)
        read.push({ stream: batch.stream, text: `${batch.bytes}`, isBytes: true, time: batch.time });
      else {
        const text = batch.lines.map((line) => `${line}\n`).join('');
        read.push({ stream: batch.stream, text, isBytes: false, time: '' });
      }
    }
  };
  // They are written over.
  for (const chunk of chunks) take(reader.push(Buffer.from(chunk)));
  take(reader.end());
  return read;
}

function textOf(read: readonly Read[], wanted: string): string {
  return read
    .filter(({ stream }) => stream === wanted)
    .map(({ text }) => text)
    .join('');
}

function chunksOf(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
}
