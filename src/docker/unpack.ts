import { constants } from 'node:fs';
import { chmod, link, lstat, lutimes, mkdir, open, rm, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Extract, Header } from 'tar-stream';
import { failure } from '../model/problem.ts';
import { untar } from './streams/untar.ts';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** The name of an entry at its new place. */
export type Rename = (name: string) => string;

/** Puts one name for another at the beginning of paths; `.` and nothing stand for the folder that all lies in. */
export function renamed(before: string, after: string): Rename {
  return (name) => {
    const clean = name.replace(/\/+$/, '');
    const isRoot = before === '' || before === '.';
    if (clean === before || (isRoot && (clean === '' || clean === '.'))) return after === '' ? '.' : after;
    const rest = isRoot ? clean.replace(/^\.?\//, '') : clean.slice(before.length + 1);
    if (!isRoot && !clean.startsWith(`${before}/`)) return clean;
    return after === '' ? rest : `${after}/${rest}`;
  };
}

/**
 * Unpacks a tar into a folder. Nothing is written outside of it, wherever names and links in the tar lead: an entry that
 * would be is a failure. Files get their modes and times, and belong to whoever unpacks them.
 */
export async function unpack(
  content: AsyncIterable<Uint8Array>,
  folder: string,
  rename: Rename,
): Promise<void> {
  const folders: { readonly place: string; readonly header: Header }[] = [];
  for await (const entry of untar(content)) {
    const { header } = entry;
    const place = await placeInside(folder, rename(header.name));
    if (header.type === 'directory') folders.push({ place, header });
    await write(entry, place, folder, rename);
    entry.resume();
  }
  // What is put into a folder changes its time, and may not be allowed by its mode.
  for (const { place, header } of folders.reverse()) {
    await chmod(place, modeOf(header));
    await utimes(place, timeOf(header), timeOf(header));
  }
}

async function write(entry: Entry, place: string, folder: string, rename: Rename): Promise<void> {
  const { header } = entry;
  const there = await lstat(place).catch(() => undefined);
  if (header.type === 'directory') {
    if (there === undefined) await mkdir(place, { mode: 0o700 });
    else if (!there.isDirectory()) throw refused(`${place} is there and is no folder`);
    return;
  }
  // A file or a link gives way; a folder, a device or a pipe is nobody's to remove.
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink())
    throw refused(`${place} is there and is no file`);
  if (there !== undefined) await rm(place);
  if (header.type === 'symlink') {
    await symlink(header.linkname, place);
    await lutimes(place, timeOf(header), timeOf(header));
  } else if (header.type === 'link') {
    await link(await placeInside(folder, rename(header.linkname)), place);
  } else if (header.type === 'file' || header.type === 'contiguous-file') {
    await writeFile(entry, place);
  }
}

async function writeFile(entry: Entry, place: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(place, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  try {
    for await (const piece of entry as AsyncIterable<Uint8Array>) await file.writeFile(piece);
    await file.chmod(modeOf(entry.header));
    await file.utimes(timeOf(entry.header), timeOf(entry.header));
  } finally {
    await file.close();
  }
}

/** Where an entry goes. A link on the way could lead anywhere, so none is followed: throws `invalid-option`. */
export async function placeInside(folder: string, name: string): Promise<string> {
  const root = path.resolve(folder);
  const parts = path
    .normalize(name)
    .split(path.sep)
    .filter((part) => part !== '' && part !== '.');
  if (path.isAbsolute(name) || parts.includes('..'))
    throw refused(`the container names a file ${name}, which is outside of ${root}`);
  let place = root;
  for (const part of parts.slice(0, -1)) {
    place = path.join(place, part);
    if ((await lstat(place).catch(() => undefined))?.isSymbolicLink() === true)
      throw refused(`${place} is a symbolic link, through which nothing is written`);
  }
  return path.join(place, parts.at(-1) ?? '');
}

function modeOf({ mode }: Header): number {
  return mode & 0o7777;
}

function timeOf({ mtime }: Header): Date {
  return mtime;
}

function refused(message: string) {
  return failure({ code: 'invalid-option', message, hint: 'copy it to another folder' });
}
