import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Extract } from 'tar-stream';
import { ProblemsError } from '../../model/problem.ts';
import type { BringBackRequest, BroughtBack, KnownFile } from '../../model/streams.ts';
import { EngineRefusal } from '../api.ts';
import { describePath, type PathDetails, readArchive } from '../archive.ts';
import type { EngineHttp } from '../http.ts';
import { untar } from '../streams/untar.ts';
import { placeInside } from '../unpack.ts';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/**
 * See `EngineStreams.bringBack`. What the container calls its files decides nothing about where they are written: below the
 * target, through no link, and nothing but files.
 */
export async function bringBack(
  engine: EngineHttp,
  { container, path: source, target, known }: BringBackRequest,
  signal: AbortSignal,
): Promise<readonly BroughtBack[]> {
  const details = await describePath(engine, container, source, signal);
  if (details === undefined) return [];
  if (details.kind === 'link' || details.kind === 'other') return [{ file: target, outcome: 'refused' }];
  const isFile = details.kind === 'file';
  if (isFile && known.get('')?.stamp === stampOf(details)) return [];
  const brought: BroughtBack[] = [];
  for await (const entry of entriesOf(engine, container, source, signal)) {
    const { header } = entry;
    // Entries begin with the last part of the source.
    const name = isFile ? '' : header.name.split('/').slice(1).join('/').replace(/\/+$/, '');
    if (header.type === 'file' || header.type === 'contiguous-file') {
      const stamp = isFile
        ? stampOf(details)
        : stampOf({ size: header.size ?? 0, modified: String(header.mtime?.getTime()) });
      if (known.get(name)?.stamp !== stamp) {
        const outcome = await bring(entry, name, stamp, target, known);
        if (outcome !== undefined) brought.push(outcome);
        const now = known.get(name);
        if (!isFile && now !== undefined && outcome?.outcome !== 'refused' && isRecent(header))
          known.set(name, { ...now, stamp: '' });
      }
    }
    entry.resume();
  }
  return brought;
}

/** Milliseconds. Engines tell of files in folders in which second they were changed: in the same one they may change again. */
const tick = 2000;

function isRecent({ mtime }: Entry['header']): boolean {
  return Date.now() - (mtime?.getTime() ?? 0) < tick;
}

/** Nothing if the path has gone meanwhile. */
async function* entriesOf(
  engine: EngineHttp,
  container: string,
  source: string,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  try {
    const { content } = await readArchive(engine, container, source, signal);
    yield* untar(content) as AsyncIterable<Entry>;
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
  }
}

/** What a container writes there git would run on this machine: hooks, and programs that its configuration names. */
const ofGit = /(?:^|[\\/])\.git(?:[\\/]|$)/i;

/** Without a name it is the target itself. */
async function bring(
  entry: Entry,
  name: string,
  stamp: string,
  target: string,
  known: Map<string, KnownFile>,
): Promise<BroughtBack | undefined> {
  const before = known.get(name);
  if (ofGit.test(path.join(target, name))) {
    known.set(name, { stamp, inside: '', here: '' });
    return { file: path.join(target, name), outcome: 'refused' };
  }
  const [folder, inside] = name === '' ? [path.dirname(target), path.basename(target)] : [target, name];
  let place: string;
  try {
    place = await placeInside(folder, inside);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    known.set(name, { stamp, inside: '', here: '' });
    return { file: path.join(target, name), outcome: 'refused' };
  }
  const there = await lstat(place).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    known.set(name, { stamp, inside: '', here: '' });
    return { file: place, outcome: 'refused' };
  }
  await mkdir(path.dirname(place), { recursive: true });
  // Watchers take a name like this for that of a backup.
  const draft = path.join(path.dirname(place), `.stack-${randomBytes(6).toString('hex')}~`);
  try {
    const isExecutable = ((there ?? entry.header).mode ?? 0) & 0o100;
    const now = await writeDraft(entry, draft, there?.mode ?? (isExecutable === 0 ? 0o644 : 0o755));
    const here = there === undefined ? gone : hashOf(await readFile(place));
    if (now === here) {
      known.set(name, { stamp, inside: now, here });
      return undefined;
    }
    // What differs from the beginning was not changed by the container while anyone looked.
    if (before === undefined && here !== gone) {
      known.set(name, { stamp, inside: now, here });
      return undefined;
    }
    // It was only touched.
    if (before?.inside === now) {
      known.set(name, { ...before, stamp });
      return undefined;
    }
    const isOurs = before !== undefined && before.here !== here;
    if (isOurs) {
      const beside = `${place}.container`;
      await rename(draft, beside);
      known.set(name, { stamp, inside: now, here });
      return { file: place, outcome: 'conflict', beside };
    }
    await rename(draft, place);
    known.set(name, { stamp, inside: now, here: now });
    return { file: place, outcome: 'written' };
  } finally {
    await rm(draft, { force: true });
  }
}

const gone = 'gone';

function hashOf(contents: Buffer): string {
  return createHash('sha256').update(contents).digest('base64');
}

/** Gives the hash of what was written. */
async function writeDraft(entry: Entry, draft: string, mode: number): Promise<string> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  const hash = createHash('sha256');
  try {
    for await (const piece of entry as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      await file.writeFile(piece);
    }
    await file.chmod(mode & 0o777);
  } finally {
    await file.close();
  }
  return hash.digest('base64');
}

function stampOf({ size, modified }: Pick<PathDetails, 'size' | 'modified'>): string {
  return `${size} ${modified}`;
}
