import { readFile, stat } from 'node:fs/promises';

/** What reading a file gave: its text, that there is none, or why it could not be read. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly cause: string };

/** Reads a text file; a byte order mark is dropped. Never throws. */
export async function readText(path: string): Promise<FileText> {
  try {
    const text = await readFile(path, 'utf8');
    return { kind: 'text', text: withoutMark(text) };
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

export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
