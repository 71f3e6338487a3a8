import { describe, expect, it } from 'vitest';
import { readJsonLines } from '../../../src/docker/streams/ndjson.ts';

describe('readJsonLines', () => {
  it('reads values wherever the chunks are cut', async () => {
    const values = [{ status: 'Größe 🙂' }, { nested: { list: [1, 2] } }, 'text', 7];
    const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\r\n`).join('\n'));
    for (let size = 1; size <= bytes.length; size += 1) expect(await read(bytes, size)).toEqual(values);
  });

  it('reads a last line without an end, and nothing from nothing', async () => {
    expect(await read(Buffer.from('{"a":1}\n{"b":2}'), 5)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(await read(Buffer.from('\n \n'), 5)).toEqual([]);
  });

  it('reads a line of many megabytes in little time', async () => {
    const text = 'x'.repeat(20 * 1024 * 1024);
    expect(await read(Buffer.from(`${JSON.stringify(text)}\n`), 1000)).toEqual([text]);
  });

  it('shows how a line begins that is no JSON', async () => {
    const page = `<html>${'x'.repeat(500)}\n`;
    await expect(read(Buffer.from(`{"a":1}\n${page}`), 9)).rejects.toThrow(/no JSON: <html>x{194}…$/);
  });

  it('throws on half a value at the end', async () => {
    await expect(read(Buffer.from('{"a":1}\n{"b":'), 100)).rejects.toThrow('no JSON: {"b":');
  });
});

async function read(bytes: Buffer, size: number): Promise<unknown[]> {
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const values: unknown[] = [];
  for await (const value of readJsonLines(source())) values.push(value);
  return values;
}
