import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Loaded, LoadRequest } from '../load/load.ts';
import { label } from '../model/labels.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { placed } from './work.ts';

/** Whose the containers of a project are: two folders whose stacks have one name must not take them from each other. */

type Asked = Pick<LoadRequest, 'projectName' | 'environment'>;

/**
 * Refuses to change the containers of another folder that has the same project name and is still there. Who names the
 * project by `-p` or by a variable of the environment means that project, wherever its containers come from. Of an engine
 * on another machine the folders cannot be looked at: that is a warning.
 */
export async function refuseOtherFolder(
  { projectName, environment }: Asked,
  loaded: Loaded,
  containers: readonly ObservedContainer[],
  { engineIsHere, emit }: Pick<Surroundings, 'engineIsHere' | 'emit'>,
): Promise<void> {
  if ((projectName || environment.COMPOSE_PROJECT_NAME || '') !== '') return;
  for (const origin of originsOf(containers)) {
    if (await isSame(origin, loaded.stack)) continue;
    const isWorktree = await isGitWorktree(loaded.stack.directory);
    const problem = placed(belongsTo(origin, loaded.stack, isWorktree), loaded);
    if (!engineIsHere) return emit({ type: 'problem-found', problem: { ...problem, severity: 'warning' } });
    if (await isThere(origin)) throw new ProblemsError([problem]);
  }
}

/** Whether containers tell where their stack is, and it is nowhere of that any more. Copies are made again as they are needed. */
export async function isFolderGone(containers: readonly ObservedContainer[]): Promise<boolean> {
  const origins = originsOf(containers);
  const there = await Promise.all(origins.map((origin) => isCopy(origin.folder) || isThere(origin)));
  return origins.length > 0 && !there.includes(true);
}

/** The folders that containers tell their stack is in. */
export function foldersOf(containers: readonly ObservedContainer[]): readonly string[] {
  return originsOf(containers).map(({ folder }) => folder);
}

/** Whether two paths lead to the same folder. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  return one === other || (await placeOf(one)) === (await placeOf(other));
}

interface Origin {
  readonly folder: string;
  readonly files: readonly string[];
}

function originsOf(containers: readonly ObservedContainer[]): readonly Origin[] {
  const byFolder = containers.flatMap(({ labels }): [string, Origin][] => {
    const { [label.workingDir]: folder = '', [label.configFiles]: files = '' } = labels;
    return folder === '' ? [] : [[folder, { folder, files: files.split(',').filter((file) => file !== '') }]];
  });
  return [...new Map(byFolder).values()];
}

/**
 * One of the same files is enough: `--project-directory` makes another folder of the same stack. What is of elsewhere is in
 * another folder with each commit and each time it is published.
 */
async function isSame({ folder, files }: Origin, stack: Stack): Promise<boolean> {
  if (isCopy(folder) && isCopy(stack.directory)) return true;
  if (await isSameFolder(folder, stack.directory)) return true;
  const own = new Set(await Promise.all(stack.files.map(placeOf)));
  const places = await Promise.all(files.map(placeOf));
  return places.some((place) => own.has(place));
}

/** Whether a folder is a copy of a repository or a published project, kept by `stack` or by Docker Compose. */
function isCopy(folder: string): boolean {
  return /\/(?:stack\/(?:git|oci)|docker-compose)\/(?:sha256-)?[0-9a-f]{40,64}(?:\/|$)/.test(folder);
}

/** A folder from which the files have gone has no stack any more. */
async function isThere({ folder, files }: Origin): Promise<boolean> {
  const named = files.filter((file) => file.startsWith('/'));
  const found = await Promise.all((named.length > 0 ? named : [folder]).map(exists));
  return found.includes(true);
}

/** Whether a folder is in a git worktree that is not the first of its repository: those have a file that leads there. */
async function isGitWorktree(folder: string): Promise<boolean> {
  // What is no file is the repository itself.
  const text = await readFile(join(folder, '.git'), 'utf8').catch(({ code }: NodeJS.ErrnoException) =>
    code === 'EISDIR' ? '' : undefined,
  );
  if (text !== undefined) return /^gitdir: .*[\\/]worktrees[\\/]/.test(text);
  const above = dirname(folder);
  return above !== folder && isGitWorktree(above);
}

/** Where a path leads; what is not there leads to itself. */
function placeOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function exists(path: string): Promise<boolean> {
  return realpath(path).then(
    () => true,
    () => false,
  );
}

function belongsTo({ folder }: Origin, { name, directory }: Stack, isWorktree: boolean): Problem {
  return {
    code: 'other-folder',
    severity: 'error',
    path: 'name',
    message: `the containers of project ${name} belong to ${folder}, and this is ${directory}${isWorktree ? ', a git worktree' : ''}`,
    hint: `to have both: stack up --isolated, or give this one a name by -p NAME or \`name:\` in its file; if that project is meant: -p ${name}`,
  };
}
