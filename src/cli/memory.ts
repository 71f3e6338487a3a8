import v8 from 'node:v8';

/**
 * Does work most of whose data stays until it is done. V8 makes more and more room for data that is gone soon, as long as
 * much of it stays; here that room, up to 32 MB of it, would only be filled once.
 */
export async function inLittleRoom<Value>(work: () => Promise<Value>): Promise<Value> {
  // What later versions do not know they complain of, on standard error.
  if (Number.parseInt(process.versions.v8, 10) > 13) return work();
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await work();
  } finally {
    // As V8 has it by itself; otherwise it would not know the code again that it has compiled before.
    v8.setFlagsFromString('--semi-space-growth-factor=2');
  }
}
