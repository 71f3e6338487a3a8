import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FileSet } from '../../model/runtime.ts';
import { type Build, isRemoteContext } from '../../model/stack.ts';
import type { EngineHttp } from '../http.ts';
import { findImages } from './inputs/images.ts';
import { filesNeeded, type Needed } from './inputs/needed.ts';
import { plainBases } from './inputs/plain-bases.ts';
import { ignoreOf, ignorePaths, nameIn, pathOfDockerfile, readIgnoreFile } from './sources.ts';

/** See `Runtime.readBuildContext`. */
export async function readBuildContext(
  build: Build,
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<FileSet> {
  return buildFiles(build, await plainBases(build, textOfDockerfile(build), findImages(engine, signal)));
}

/**
 * Which files make a new build necessary: those of the context that it sends and the Dockerfile has a use for, the
 * Dockerfile, the ignore file that decides, and all of further contexts. Paths are absolute; what is behind an address is
 * not watched. `plain`: see `plainBases`.
 */
export async function buildFiles(build: Build, plain: ReadonlySet<string>): Promise<FileSet> {
  const further = Object.values(build.additional_contexts ?? {}).filter(
    (value) => !isRemoteContext(value) && !value.startsWith('service:'),
  );
  const own = isRemoteContext(build.context) ? nothing : await readOwn(build, plain);
  const isFurther = (file: string) => further.some((folder) => nameIn(folder, file) !== undefined);
  return {
    folders: [...own.folders, ...further],
    ...(own.rules !== undefined && { rules: own.rules }),
    includes: (file) => own.includes(file) || isFurther(file),
    prunes: (folder) =>
      own.prunes(folder) && !isFurther(folder) && !further.some((one) => nameIn(folder, one)),
  };
}

const nothing: FileSet = { folders: [], includes: () => false, prunes: () => true };

async function readOwn(build: Build, plain: ReadonlySet<string>): Promise<FileSet> {
  const dockerfile = pathOfDockerfile(build);
  const ignoreFile = await readIgnoreFile(build.context, dockerfile);
  const ignore = ignoreOf(ignoreFile);
  const needed = neededNow(build, plain);
  const rules = ignorePaths(build.context, dockerfile);
  // One that is put there decides from then on, unless there is one that comes before it.
  const deciding = rules.slice(
    0,
    ignoreFile.path === undefined ? undefined : rules.indexOf(ignoreFile.path) + 1,
  );
  const always = [...(dockerfile === undefined ? [] : [dockerfile]), ...deciding];
  const outside = always.filter((file) => nameIn(build.context, file) === undefined);
  return {
    folders: [build.context, ...new Set(outside.map((file) => path.dirname(file)))],
    rules,
    includes(file) {
      if (always.includes(file)) return true;
      const name = nameIn(build.context, file);
      return name !== undefined && !ignore.ignored(name) && needed(name);
    },
    prunes(folder) {
      if (always.some((file) => file === folder || file.startsWith(folder + path.sep))) return false;
      const name = nameIn(build.context, folder);
      return name === undefined || (name !== '' && ignore.prunes(name));
    },
  };
}

/** By the Dockerfile and the links that there are when it is asked; what is asked in one go gets one answer. */
function neededNow(build: Build, plain: ReadonlySet<string>): Needed {
  let current: Needed | undefined;
  return (name) => {
    if (current === undefined) {
      current = filesNeeded(build, textOfDockerfile(build), plain);
      queueMicrotask(() => {
        current = undefined;
      });
    }
    return current(name);
  };
}

/** `undefined` for one that cannot be read. */
function textOfDockerfile(build: Build): string | undefined {
  const file = pathOfDockerfile(build);
  if (file === undefined) return build.dockerfile_inline;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
