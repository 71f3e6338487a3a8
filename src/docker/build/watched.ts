import path from 'node:path';
import type { ReadBuildContext } from '../../model/runtime.ts';
import { createIgnore } from './dockerignore.ts';
import { pathOfDockerfile, readIgnoreFile } from './sources.ts';

/**
 * Which files make a new build necessary: those the context sends, the Dockerfile, and the ignore file that decides.
 * Paths are absolute.
 */
export const readBuildContext: ReadBuildContext = async (build) => {
  const dockerfile = pathOfDockerfile(build);
  const ignoreFile = await readIgnoreFile(build.context, dockerfile);
  const ignore = createIgnore(ignoreFile.patterns);
  const always = [dockerfile, ignoreFile.path].filter((file) => file !== undefined);
  const nameOf = (file: string): string | undefined => {
    const relative = path.relative(build.context, file);
    return relative.startsWith('..') || path.isAbsolute(relative)
      ? undefined
      : relative.split(path.sep).join('/');
  };
  return {
    includes(file) {
      if (always.includes(file)) return true;
      const name = nameOf(file);
      return name !== undefined && !ignore.ignored(name);
    },
    prunes(folder) {
      if (always.some((file) => file === folder || file.startsWith(folder + path.sep))) return false;
      const name = nameOf(folder);
      return name === undefined || (name !== '' && ignore.prunes(name));
    },
  };
};
