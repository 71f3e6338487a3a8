import { failure } from '../../model/problem.ts';

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/**
 * The bytes of keys by which a user leaves a process, e.g. `ctrl-p,ctrl-q` or `a,ctrl-x`. Throws `invalid-option` for
 * what is no such list.
 */
export function parseDetachKeys(text: string): Buffer {
  const bytes = text.split(',').map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const [, letter = ''] = /^ctrl-([a-z@[\\\]^_])$/.exec(key.toLowerCase()) ?? [];
    return letter === '' ? undefined : letter.toUpperCase().charCodeAt(0) & 0x1f;
  });
  if (bytes.every((byte) => byte !== undefined && byte < 0x80)) return Buffer.from(bytes as number[]);
  throw failure({
    code: 'invalid-option',
    message: `invalid detach keys (${text})`,
    hint: `write keys with commas between, each one character or ctrl- and one: ${defaultDetachKeys}`,
  });
}

export interface DetachFilter {
  /** What of the bytes is for the process; undefined once the keys were pressed. */
  pass(bytes: Buffer): Buffer | undefined;
}

/** Keeps back what may become the keys until it is known that it does not. */
export function createDetachFilter(keys: Buffer): DetachFilter {
  let pressed = 0;
  return {
    pass(bytes) {
      const passed: number[] = [];
      for (const byte of bytes) {
        if (byte === keys[pressed]) {
          pressed += 1;
          if (pressed === keys.length) return undefined;
          continue;
        }
        passed.push(...keys.subarray(0, pressed));
        pressed = byte === keys[0] ? 1 : 0;
        if (pressed === 0) passed.push(byte);
      }
      return Buffer.from(passed);
    },
  };
}
