import path from 'node:path';
import type { ReadBuildContext } from '../../model/runtime.ts';
import { ignoreOf, nameIn, pathOfDockerfile, readIgnoreFile } from './sources.ts';

/**
 * Which files make a new build necessary: those the context sends, the Dockerfile, and the ignore file that decides.
 * Paths are absolute.
 */
export const readBuildContext: ReadBuildContext = async (build) => {
  const dockerfile = pathOfDockerfile(build);
  const ignoreFile = await readIgnoreFile(build.context, dockerfile);
  const ignore = ignoreOf(ignoreFile);
  const always = [dockerfile, ignoreFile.path].filter((file) => file !== undefined);
  const outside = always.filter((file) => nameIn(build.context, file) === undefined);
  return {
    folders: [build.context, ...new Set(outside.map((file) => path.dirname(file)))],
    includes(file) {
      if (always.includes(file)) return true;
      const name = nameIn(build.context, file);
      return name !== undefined && !ignore.ignored(name);
    },
    prunes(folder) {
      if (always.some((file) => file === folder || file.startsWith(folder + path.sep))) return false;
      const name = nameIn(build.context, folder);
      return name === undefined || (name !== '' && ignore.prunes(name));
    },
  };
};
