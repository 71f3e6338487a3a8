import { readFileSync } from 'node:fs';

/**
 * What the kernel tells in one of its files; `undefined` where it does not. It makes these texts up as they are read: to wait for
 * them in another thread would take ten times as long.
 */
export function kernelText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
