import { closeSync, fdatasyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { placeOf } from '../docker/places.ts';
import { readOwn, removeOlder } from './own-file.ts';

/**
 * The built files of the program: each an expression in ASCII, an object of functions, one for each piece of the program, that
 * give what it exports when they are given what finds the others. The name of a piece begins with the part it is in, if that is not
 * the one that all commands begin with: `load/chunk-ABC.js` in `load.js`.
 */
export interface Parts {
  /** What tells this build from all others. */
  readonly build: string;
  /** Absolute. */
  readonly folder: string;
  read(part: string): Buffer;
}

type Piece = (find: (name: string) => unknown) => unknown;

type Variables = Readonly<Record<string, string | undefined>>;

export interface Loaded {
  /** What the first piece exports. */
  readonly exports: unknown;
  /** Keeps what has been compiled until now, under the name of a command. */
  keep(name: string): void;
}

/**
 * Runs the program with the code that V8 has made of it in an earlier process, where the user's caches are: that which is
 * kept under the first of the names under which there is some. Node's own cache of compiled code has what is compiled before a
 * file runs, which is next to nothing of it; this one has all functions that the same command has called, and nothing that only
 * others call.
 */
export function loadProgram(parts: Parts, names: readonly string[], environment: Variables): Loaded {
  const folder = folderOf(parts.build, environment);
  const ran: { readonly part: string; readonly script: Script; readonly asKept: boolean }[] = [];
  const run = (part: string): Readonly<Record<string, Piece>> => {
    const file = `${part}.js`;
    const cachedData = folder === undefined ? undefined : firstKept(folder, names.map(keptAs(part)));
    const script = new Script(parts.read(file).toString('latin1'), {
      filename: path.join(parts.folder, file),
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    const asKept = cachedData !== undefined && script.cachedDataRejected === false;
    if (folder !== undefined && !asKept) remembering(true);
    ran.push({ part, script, asKept });
    return script.runInThisContext();
  };
  const pieces = new Map<string, Readonly<Record<string, Piece>>>();
  const found = new Map<string, unknown>();
  const find = (name: string): unknown => {
    if (found.has(name)) return found.get(name);
    const part = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'program';
    const ofPart = pieces.get(part) ?? run(part);
    pieces.set(part, ofPart);
    const piece = ofPart[name];
    if (piece === undefined) throw new Error('the program was replaced by another one while it ran');
    const exports = piece(find);
    found.set(name, exports);
    return exports;
  };
  return {
    exports: find('main.js'),
    keep(name) {
      if (folder === undefined || ran.every(({ asKept }) => asKept)) return;
      remembering(false);
      for (const { part, script, asKept } of ran)
        if (!asKept) tryToKeep(folder, keptAs(part)(name), script.createCachedData());
    },
  };
}

/** The screens are the same for all commands. */
function keptAs(part: string): (name: string) => string {
  if (part === 'program') return (name) => name;
  return part === 'screens' ? () => part : (name) => `${name}.${part}`;
}

/**
 * V8 forgets the code of functions that have not run for a while, which are those that only run at the start. Code that was
 * kept is known again only under the flags under which it was kept: this one is as V8 has it whenever that is done.
 */
function remembering(all: boolean): void {
  setFlagsFromString(all ? '--no-flush-bytecode' : '--flush-bytecode');
}

/**
 * Where code of this build is kept, which no other version of V8 understands, and not the same one under other options;
 * `undefined`: nowhere. The variables are those by which Node is told the same.
 */
function folderOf(build: string, environment: Variables): string | undefined {
  const { NODE_DISABLE_COMPILE_CACHE, NODE_COMPILE_CACHE, NODE_OPTIONS = '' } = environment;
  if (NODE_DISABLE_COMPILE_CACHE) return undefined;
  const own = NODE_COMPILE_CACHE || path.join(placeOf('cache'), 'code');
  // Those that name files are not V8's.
  const options = [...process.execArgv, ...NODE_OPTIONS.split(' ')].filter((one) =>
    /^--[\w-]+(?:=\d+)?$/.test(one),
  );
  const under = options.join('').slice(0, 100);
  return path.resolve(own, `${build}-${process.arch}-${process.versions.v8}${under}`);
}

function firstKept(folder: string, names: readonly string[]): Buffer | undefined {
  for (const name of names) {
    try {
      return readOwn(path.join(folder, name));
    } catch {
      // Under this name is none.
    }
  }
  return undefined;
}

/** Where nothing can be written, all works as well, and takes longer. */
function tryToKeep(folder: string, name: string, code: Buffer): void {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined)
      removeOlder(path.dirname(folder), month);
    const draft = path.join(folder, `.${name}.${process.pid}`);
    const opened = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(opened, code);
      // V8 believes what it reads: half a file must not be found after the machine has failed.
      fdatasyncSync(opened);
      renameSync(draft, path.join(folder, name));
    } finally {
      closeSync(opened);
      rmSync(draft, { force: true });
    }
  } catch {
    // The next start compiles it again.
  }
}

/** How long code of another build is kept, in milliseconds. */
const month = 30 * 24 * 60 * 60 * 1000;
