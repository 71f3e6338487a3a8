import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeMessage, encodeMessage, mapField } from '../../../../src/docker/build/grpc/protobuf.ts';

it('writes the bytes that the format asks for', () => {
  // The examples of the format's own description: 150 as field 1, "testing" as field 2.
  expect(encodeMessage([[1, 150]])).toEqual(Buffer.from([0x08, 0x96, 0x01]));
  expect(encodeMessage([[2, 'testing']])).toEqual(Buffer.from([0x12, 7, ...Buffer.from('testing')]));
  expect(encodeMessage([[16, true]])).toEqual(Buffer.from([0x80, 0x01, 0x01]));
});

it('leaves out what has the zero value of its type, but no empty message', () => {
  const zeros = [undefined, '', 0, 0n, false].map((value) => [1, value] as const);
  expect(encodeMessage(zeros)).toHaveLength(0);
  expect(encodeMessage([[3, Buffer.alloc(0)]])).toEqual(Buffer.from([0x1a, 0]));
});

it('writes numbers that no JavaScript number holds', () => {
  const written = encodeMessage([[6, 1_700_000_000_123_456_789n]]);
  let value = 0n;
  for (const [index, byte] of [...written.subarray(1)].entries())
    value += BigInt(byte & 127) << BigInt(7 * index);
  expect(value).toBe(1_700_000_000_123_456_789n);
});

it('reads what it has written', () => {
  const natural = fc.maxSafeNat();
  fc.assert(
    fc.property(natural, fc.string(), fc.array(fc.string()), (number, text, texts) => {
      const read = decodeMessage(
        encodeMessage([[1, number], [2, text], ...texts.map((one) => [300, Buffer.from(one)] as const)]),
      );
      expect([read.number(1), read.text(2), read.texts(300)]).toEqual([
        number,
        Buffer.from(text).toString(),
        texts.map((one) => Buffer.from(one).toString()),
      ]);
    }),
  );
});

it('reads maps', () => {
  const read = decodeMessage(encodeMessage(mapField(7, { a: '1', b: '' })));
  expect([...read.map(7)].map(([key, value]) => [key, value.toString()])).toEqual([
    ['a', '1'],
    ['b', ''],
  ]);
});
