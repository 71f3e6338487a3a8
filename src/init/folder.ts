import { readdir } from 'node:fs/promises';
import { readText } from '../load/files.ts';
import { basename, resolve } from '../load/paths.ts';
import { failure } from '../model/problem.ts';

/** A folder as far as it has to be known to say how its program is built and started. */
export interface Folder {
  readonly name: string;
  /** The files in it and right below it, relative to it with `/`. */
  readonly files: readonly string[];
  /** Names of the folders in it. */
  readonly folders: readonly string[];
  /** Of those files that say something; by their names. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Folders in which no program of the user's own is. */
const foreign: ReadonlySet<string> = new Set(
  'node_modules vendor dist build target venv env coverage tmp log logs test tests spec docs __pycache__'.split(
    ' ',
  ),
);

const telling =
  /(?:^|\/)(?:Dockerfile|Procfile|Gemfile|Pipfile|package\.json|pyproject\.toml|requirements\.txt|go\.mod|pom\.xml|config\.ru|\.nvmrc|\.node-version|\.python-version|\.ruby-version|[^/]+\.(?:js|mjs|cjs|ts|py|rb|go|java|properties|ya?ml))$/;

/** Enough for every program that one would want to be understood; a large one says what it is in its first files. */
const mostFiles = 200;
const longestFile = 100_000;

/** Looks into a folder and those right below it. Throws `unreadable-file`. */
export async function lookInto(path: string): Promise<Folder> {
  const here = await readdir(path, { withFileTypes: true }).catch((error: Error) => {
    throw failure({
      code: 'unreadable-file',
      message: `the folder ${path} cannot be read`,
      cause: error.message,
    });
  });
  const folders = here
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !foreign.has(entry.name))
    .map(({ name }) => name)
    .toSorted();
  const below = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(resolve(path, folder), { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`);
    }),
  );
  const own = here.filter((entry) => entry.isFile()).map(({ name }) => name);
  const files = [...own.toSorted(), ...below.flat().toSorted()];
  const texts = new Map<string, string>();
  for (const file of files.filter((name) => telling.test(name)).slice(0, mostFiles)) {
    const found = await readText(resolve(path, file), 0);
    if (found.kind === 'text' && found.text.length <= longestFile) texts.set(file, found.text);
  }
  return { name: basename(path), files, folders, texts };
}

/** One of the folders in a folder, as if one had looked into that: of what is below it nothing is known. */
export function within({ files, texts }: Folder, name: string): Folder {
  const inside = (file: string): boolean => file.startsWith(`${name}/`);
  const short = (file: string): string => file.slice(name.length + 1);
  return {
    name,
    files: files.filter(inside).map(short),
    folders: [],
    texts: new Map([...texts].filter(([file]) => inside(file)).map(([file, text]) => [short(file), text])),
  };
}
