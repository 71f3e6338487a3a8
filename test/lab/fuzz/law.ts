import fc from 'fast-check';

/** What holds of a parser for whatever it is given. */
export interface Law {
  readonly name: string;
  readonly property: fc.IRawProperty<unknown, true>;
  /** How many inputs it is tried with in passing, with all tests: fewer where each takes milliseconds. */
  readonly few: number;
  /** The longest that one input took since the last time this was asked, in milliseconds of processor time. */
  slowest(): number;
}

/** What does not hold throws. */
export function law<Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  holds: (value: Value) => unknown,
  few = 200,
): Law {
  let slowest = 0;
  const property = fc.asyncProperty(values, async (value) => {
    const began = process.cpuUsage();
    await holds(value);
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
  });
  return {
    name,
    property,
    few,
    slowest() {
      const found = slowest;
      slowest = 0;
      return found;
    },
  };
}

/**
 * Texts of some pieces that mean something to a parser, of any characters, and of both; some are thousands of times the same,
 * which takes a parser long that goes over its text again and again.
 */
export function textsOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...pieces);
  const any = fc.string({ unit: 'binary', maxLength: 12 });
  const joined = (parts: fc.Arbitrary<string>, maxLength: number) =>
    fc.array(parts, { maxLength }).map((texts) => texts.join(''));
  const long = fc
    .tuple(joined(piece, 3), fc.integer({ min: 500, max: 4000 }), joined(piece, 3))
    .map(([repeated, times, end]) => repeated.repeat(times) + end);
  return fc.oneof(
    { weight: 60, arbitrary: joined(piece, 30) },
    { weight: 20, arbitrary: joined(fc.oneof({ weight: 4, arbitrary: piece }, any), 20) },
    { weight: 19, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    { weight: 1, arbitrary: long },
  );
}

/** Bytes of some pieces, of any kind, and of both. */
export function bytesOf(...pieces: readonly (readonly number[])[]): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    fc.constantFrom(...pieces.map((bytes) => Uint8Array.from(bytes))),
    fc.uint8Array({ maxLength: 6 }),
  );
  return fc.array(piece, { maxLength: 20 }).map((parts) => Buffer.concat(parts));
}

/** The pieces in which bytes arrive, cut at any places. */
export function chunksOf(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

export const anySizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 30 });

/** What is given, or the error. */
export async function outcomeOf<Value>(work: () => Value | Promise<Value>): Promise<Value | Error> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`something that is no error was thrown: ${String(error)}`);
  }
}
