import path from 'node:path';
import type { FileSet, ReadBuildContext } from '../../model/runtime.ts';
import { type Build, isRemoteContext } from '../../model/stack.ts';
import { ignoreOf, nameIn, pathOfDockerfile, readIgnoreFile } from './sources.ts';

/**
 * Which files make a new build necessary: those the context sends, the Dockerfile, the ignore file that decides, and all
 * of further contexts. Paths are absolute; what is behind an address is not watched.
 */
export const readBuildContext: ReadBuildContext = async (build) => {
  const further = Object.values(build.additional_contexts ?? {}).filter(
    (value) => !isRemoteContext(value) && !value.startsWith('service:'),
  );
  const own = isRemoteContext(build.context) ? nothing : await readOwn(build);
  const isFurther = (file: string) => further.some((folder) => nameIn(folder, file) !== undefined);
  return {
    folders: [...own.folders, ...further],
    includes: (file) => own.includes(file) || isFurther(file),
    prunes: (folder) =>
      own.prunes(folder) && !isFurther(folder) && !further.some((one) => nameIn(folder, one)),
  };
};

const nothing: FileSet = { folders: [], includes: () => false, prunes: () => true };

async function readOwn(build: Build): Promise<FileSet> {
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
}
