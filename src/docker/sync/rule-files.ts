import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ReadRuleFiles } from '../../model/runtime.ts';
import type { Build } from '../../model/stack.ts';
import { createIgnore, type Ignore } from '../build/dockerignore.ts';
import { ignoreOf, ignorePaths, nameIn, pathOfDockerfile, readIgnoreFile } from '../build/sources.ts';

/**
 * `ignore` and `include` are relative to the path of the rule and written as in an ignore file, where what matches a folder
 * holds for all in it. A single file is watched through its folder: editors put another file in its place.
 */
export const readRuleFiles: ReadRuleFiles = async (rule, build) => {
  const real = await realpath(rule.path).catch(() => rule.path);
  const isFolder = await stat(real).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const ignored = createIgnore(rule.ignore ?? []);
  const included = (rule.include ?? []).length === 0 ? undefined : createIgnore(rule.include ?? []);
  const context = await ignoreOfBuild(build);
  return {
    path: real,
    nameOf: (file) => nameIn(real, file) ?? '',
    folders: [isFolder ? real : path.dirname(real)],
    ...(build !== undefined && { rules: ignorePaths(build.context, pathOfDockerfile(build)) }),
    includes(file) {
      const name = nameIn(real, file);
      if (name === undefined || context.ignored(file)) return false;
      return name === '' || (!ignored.ignored(name) && (included?.ignored(name) ?? true));
    },
    prunes(folder) {
      const name = nameIn(real, folder);
      if (name === undefined) return nameIn(folder, real) === undefined;
      return context.prunes(folder) || (name !== '' && ignored.prunes(name));
    },
  };
};

/** By absolute path; what is outside of the context is none of its business. */
async function ignoreOfBuild(build: Build | undefined): Promise<Ignore> {
  if (build === undefined) return { ignored: () => false, prunes: () => false };
  const { context } = build;
  const ignore = ignoreOf(await readIgnoreFile(context, pathOfDockerfile(build)));
  const real = await realpath(context).catch(() => context);
  const within = (file: string, judge: (name: string) => boolean): boolean => {
    const name = nameIn(real, file);
    return name !== undefined && name !== '' && judge(name);
  };
  return {
    ignored: (file) => within(file, ignore.ignored),
    prunes: (file) => within(file, ignore.prunes),
  };
}
