import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { keepFile, placeOf } from './places.ts';
import type { Tree } from './tree.ts';

/** What a build is made from; what is secret in it stands as a digest. */
export interface BuildInputs {
  /** The Dockerfile, arguments and other settings, by the name under which the user knows them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The files of the context, which has the empty name, and of further ones. */
  readonly contexts: Readonly<Record<string, Tree>>;
  /** The ids of the images that it begins with, as far as the engine has them; they say nothing where it has not. */
  readonly images: Readonly<Record<string, string>>;
}

/** What an image was made from. */
export interface BuildRecord extends BuildInputs {
  /** Settings that the words of a command gave: those of the file are no reason to build anew. */
  readonly given: readonly string[];
  /** It is not known what the image was made from: this is what there was when it was first seen here. */
  readonly taken?: true;
}

const form = 1;
/** Records are as long as lists of files are; images that nobody has looked at for that long are gone. */
const most = 200;

/**
 * What the image of an id was made from, if that is known. It is kept by us and not in a label of the image: a label would
 * make another image of each build, although all that a container sees of it is the same, and another one than Docker Compose
 * makes from the same files. Ids follow from contents, so that they mean the same on every engine.
 */
export async function readRecord(imageId: string): Promise<BuildRecord | undefined> {
  try {
    const { v, ...record } = JSON.parse(await readFile(fileOf(imageId), 'utf8'));
    return v === form ? record : undefined;
  } catch {
    // None was kept, or in another form.
    return undefined;
  }
}

/** Keeps what an image was made from. That it cannot be kept is no failure: then it is not known. */
export async function keepRecord(imageId: string, record: BuildRecord): Promise<void> {
  const file = fileOf(imageId);
  try {
    await keepFile(file, JSON.stringify({ v: form, ...record }));
    await removeOldest(path.dirname(file));
  } catch {
    // The next command says that it does not know.
  }
}

function fileOf(imageId: string): string {
  return path.join(
    placeOf('state'),
    'builds',
    `${imageId.replace(/^sha256:/, '').replace(/[^0-9a-z]/g, '-')}.json`,
  );
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= most) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(path.join(folder, name))).mtimeMs })),
  );
  const oldest = dated.toSorted((a, b) => a.time - b.time).slice(0, names.length - most);
  for (const { name } of oldest) await rm(path.join(folder, name), { force: true });
}
