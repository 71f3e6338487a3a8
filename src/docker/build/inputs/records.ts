import { readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { keepFile, placeOf } from '../../places.ts';
import type { Snapshot, Tree } from './tree.ts';

/** What a build is made from; what is secret in it stands as a digest. */
export interface BuildInputs {
  /** The Dockerfile, arguments and other settings, by the name under which the user knows them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The files of the context, which has the empty name, and of further ones. */
  readonly contexts: Readonly<Record<string, Tree>>;
  /** By context; see `SeenFolder`. They are no reason to build anew, and yet another image may come out. */
  readonly rights?: Readonly<Record<string, string>>;
  /** The ids of the images that it begins with, as far as the engine has them; they say nothing where it has not. */
  readonly images: Readonly<Record<string, string>>;
}

/** What an image was made from. */
export interface BuildRecord extends BuildInputs {
  /** Settings that the words of a command gave: those of the file are no reason to build anew. */
  readonly given: readonly string[];
  /** It is not known what the image was made from: this is what there was when it was first seen here. */
  readonly taken?: true;
  /** By context; absent where some of what is in one was too new to be known again. */
  readonly snapshots?: Readonly<Record<string, Snapshot>>;
}

/** A record without what is long in it, which nobody reads where the snapshots say enough. */
export type RecordHead = Omit<BuildRecord, 'contexts'>;

const form = 3;
/** Records are as long as lists of files are; images that nobody has looked at for that long are gone. */
const most = 200;
/** To find the oldest takes a while: so many more are kept until they are removed all at once. */
const slack = 50;

/**
 * What the image of an id was made from, if that is known. It is kept by us and not in a label of the image: a label would
 * make another image of each build, although all that a container sees of it is the same, and another one than Docker Compose
 * makes from the same files. Ids follow from contents, so that they mean the same on every engine.
 */
export function readRecord(imageId: string): RecordHead | undefined {
  try {
    const { v, ...head } = JSON.parse(readFileSync(fileOf(imageId), 'utf8'));
    return v === form ? head : undefined;
  } catch {
    // None was kept, or in another form.
    return undefined;
  }
}

/** With what is long in it; `undefined` where that is lost. */
export function wholeRecord(imageId: string, head: RecordHead): BuildRecord | undefined {
  try {
    return { ...head, contexts: JSON.parse(readFileSync(fileOf(imageId, contexts), 'utf8')) };
  } catch {
    return undefined;
  }
}

/** Keeps what an image was made from. That it cannot be kept is no failure: then it is not known. */
export async function keepRecord(imageId: string, { contexts: trees, ...head }: BuildRecord): Promise<void> {
  try {
    await keepFile(fileOf(imageId, contexts), JSON.stringify(trees));
    await keepHead(imageId, head);
    await removeOldest(path.dirname(fileOf(imageId)));
  } catch {
    // The next command says that it does not know.
  }
}

/** Keeps a record anew whose contexts are as they were. That it cannot be kept is no failure either. */
export async function keepAgain(imageId: string, head: RecordHead): Promise<void> {
  await keepHead(imageId, head).catch(() => {});
}

function keepHead(imageId: string, head: RecordHead): Promise<void> {
  return keepFile(fileOf(imageId), JSON.stringify({ v: form, ...head }));
}

/** The end of the names of files with what is long. */
const contexts = '.contexts.json';

function fileOf(imageId: string, end = '.json'): string {
  const name = imageId.replace(/^sha256:/, '').replace(/[^0-9a-z]/g, '-');
  return path.join(placeOf('state'), 'builds', `${name}${end}`);
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith(contexts));
  if (names.length <= most + slack) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(path.join(folder, name))).mtimeMs })),
  );
  const oldest = dated.toSorted((a, b) => a.time - b.time).slice(0, names.length - most);
  for (const { name } of oldest)
    for (const end of ['.json', contexts])
      await rm(path.join(folder, name.replace(/\.json$/, end)), { force: true });
}
