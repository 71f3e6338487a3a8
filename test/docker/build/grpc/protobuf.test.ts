import { expect, it } from 'vitest';
import { decodeMessage, encodeMessage, mapField } from '../../../../src/docker/build/grpc/protobuf.ts';

it('writes the bytes that the format asks for', () => {
  // The examples of the format's own description: 150 as field 1, "testing" as field 2.
  expect(encodeMessage([[1, 150]])).toEqual(Buffer.from([0x08, 0x96, 0x01]));
  expect(encodeMessage([[2, 'testing']])).toEqual(Buffer.from([0x12, 7, ...Buffer.from('testing')]));
  expect(encodeMessage([[16, true]])).toEqual(Buffer.from([0x80, 0x01, 0x01]));
});

it('leaves out what has the zero value of its type, but no empty message', () => {
  const zeros = [undefined, '', 0, false].map((value) => [1, value] as const);
  expect(encodeMessage(zeros)).toHaveLength(0);
  expect(encodeMessage([[3, Buffer.alloc(0)]])).toEqual(Buffer.from([0x1a, 0]));
});

it('writes numbers that are too large to count by one', () => {
  const large = 2 ** 60 + 2 ** 20;
  const written = encodeMessage([[6, large]]);
  let value = 0n;
  for (const [index, byte] of [...written.subarray(1)].entries())
    value += BigInt(byte & 127) << BigInt(7 * index);
  expect(value).toBe(2n ** 60n + 2n ** 20n);
});

it('reads maps', () => {
  const read = decodeMessage(encodeMessage(mapField(7, { a: '1', b: '' })));
  expect([...read.map(7)].map(([key, value]) => [key, value.toString()])).toEqual([
    ['a', '1'],
    ['b', ''],
  ]);
});
