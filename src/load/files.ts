import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';

/** What reading a file gave: its text, that there is none, or why it could not be read. */
export type FileText =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Where in the text the first bytes stood that are no UTF-8. */
      readonly brokenAt?: number;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly cause: string };

/** Reads a text file of UTF-8, or of UTF-16 with a byte order mark; the mark is dropped. Never throws. */
export async function readText(path: string): Promise<FileText> {
  try {
    return decode(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'missing' }
      : { kind: 'unreadable', cause: message };
  }
}

/** True for an existing file that is no folder. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function decode(bytes: Buffer): FileText {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe') return { kind: 'text', text: new TextDecoder('utf-16le').decode(bytes) };
  if (mark === 'feff') return { kind: 'text', text: new TextDecoder('utf-16be').decode(bytes) };
  const text = new TextDecoder().decode(bytes);
  if (isUtf8(bytes)) return { kind: 'text', text };
  // What could not be read became other characters: up to them the bytes are the same again.
  const again = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const same = again.findIndex((byte, index) => byte !== bytes[index]);
  return {
    kind: 'text',
    text,
    brokenAt: new TextDecoder().decode(bytes.subarray(0, same), { stream: true }).length,
  };
}
