import { isUtf8 } from 'node:buffer';
import { constants, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { dirname, resolve, upwards } from './paths.ts';

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

/** Files with more bytes are not read: nobody wrote them by hand, and some, such as `/dev/zero`, have no end. */
const sizeLimit = 32 * 1024 * 1024;

/**
 * Reads a text file of UTF-8, or of UTF-16 with a byte order mark; the mark is dropped. Pipes are read until they are
 * closed; for a named one without a writer it waits as many milliseconds as it has patience. Never throws.
 */
export async function readText(path: string, patience = 5_000): Promise<FileText> {
  try {
    const found = statSync(path);
    if (found.size > sizeLimit) throw new Error(tooLarge);
    return decode(found.isFile() ? readFileSync(path) : await readStream(path, found.isFIFO(), patience));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'missing' }
      : { kind: 'unreadable', cause: Object.hasOwn(causes, code) ? (causes[code] ?? message) : message };
  }
}

const tooLarge = `it has more than ${sizeLimit / 1024 / 1024} MB`;

const causes: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'it is a socket',
  ERR_INVALID_ARG_VALUE: 'its name has a character that no name may have',
};

/** True for an existing file that is no folder. */
export function isFile(path: string): boolean {
  return kindOf(path) === 'file';
}

export function isFolder(path: string): boolean {
  return kindOf(path) === 'folder';
}

/** The path without links; `undefined` if there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The path where the first link that it leads through is replaced, as Docker Compose does. */
export function behindLink(path: string): string {
  const folders = upwards(path).toReversed();
  for (const folder of folders) {
    if (!isLink(folder)) continue;
    const real = realPath(folder);
    return real === undefined ? path : resolve(real, path.slice(folder.length + 1));
  }
  return path;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

/** Writes a file that only the user may read. */
export async function writeBytes(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}

/**
 * Makes a folder that others see whole or not at all: it is filled under another name. If another process was faster,
 * its folder stays.
 */
export async function makeFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(`${path}.`);
  try {
    await fill(folder);
    await rename(folder, path);
  } catch (error) {
    if (!isFolder(path)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Reads what has no size: a pipe or a device. Nothing blocks, so that the process can end at any time. */
async function readStream(path: string, isPipe: boolean, patience: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    let waited = 0;
    let writer = !isPipe || !(await hasName(path));
    for (;;) {
      const chunk = await readChunk(file);
      if (chunk !== undefined && chunk.length > 0) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > sizeLimit) throw new Error(tooLarge);
      } else {
        // A pipe that was opened is at its end before its first writer as it is after the last.
        if (chunk !== undefined && (writer || size > 0)) return Buffer.concat(chunks);
        writer ||= chunk === undefined;
        if (!writer && waited >= patience) throw new Error('it is a pipe, and nothing writes to it');
        await setTimeout(pause);
        waited += pause;
      }
    }
  } finally {
    await file.close();
  }
}

const pause = 10;

/** The next bytes; none at the end, `undefined` if there are none yet. */
async function readChunk(file: FileHandle): Promise<Buffer | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** False for the pipes of a process, which only look like files: `/dev/stdin`, `/dev/fd/3`. */
async function hasName(path: string): Promise<boolean> {
  try {
    return !(await realpath(path)).startsWith('/dev/');
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

/** What is there on the disk; links are followed. */
export function kindOf(path: string): 'file' | 'folder' | 'missing' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? 'missing' : found.isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}
