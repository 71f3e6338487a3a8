import type { LoadRequest } from '../load.ts';
import type { Node } from '../node.ts';
import type { Report } from '../report.ts';
import type { Variables } from '../variables/interpolate.ts';
import { addDotenv, dotenvOf, namedEnvFiles, type Reading } from '../variables/variables.ts';
import { findFiles, folderOf } from './find.ts';
import { namedDirectory, readFirstVariables } from './first.ts';
import { isRemote } from './git.ts';
import type { Shared } from './level.ts';
import { mergeSources } from './merge.ts';
import { withContexts, withPaths } from './relative.ts';
import { type Fetch, fetcher } from './remote.ts';
import { nameSources, readSources } from './sources.ts';

/** The files of a stack as one tree, in which nothing is left of `extends` and `include`. */
export interface Project {
  readonly tree: Node;
  readonly name: string;
  readonly directory: string;
  /** Absolute paths of the stack files. */
  readonly files: readonly string[];
  /** Absolute paths of the files that were named to be read instead of `.env`. */
  readonly environmentFiles: readonly string[];
  /** The `.env` that is read if it is there; absent: other files are named, or the stack is one of elsewhere. */
  readonly dotenv?: string;
  /** All variables that values may refer to. */
  readonly variables: Variables;
  /** What configs and secrets of included projects contain, by path, if it comes from a variable. */
  readonly contents: ReadonlyMap<string, string>;
  /** False if there is an included project that could not be read. */
  readonly whole: boolean;
  /** What each service took over, by the names under which that was told about. */
  readonly inherited: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface ReadOptions extends Reading {
  /** Called when the files have been parsed: there is no use in going on with some of them. */
  readonly stopIfFailed: () => void;
  /** Variables are not replaced. */
  readonly asWritten?: true;
}

/** Reads and merges the files of a stack. */
export async function readProject(
  request: LoadRequest,
  { report, texts, stopIfFailed, asWritten }: ReadOptions,
): Promise<Project> {
  const reading = { report, texts };
  const first = await readFirstVariables(request, reading);
  const found = findFiles({ ...request, variables: first });
  for (const warning of found.warnings) report(warning);
  const folder = namedDirectory(request) ?? folderOf(found.paths) ?? request.directory;
  const dotenv = await addDotenv(first, folder, request, reading);
  const dotenvFile = dotenvOf(folder, request);
  const fetch = fetcher(request, dotenv);
  const files = await onThisMachine(found.paths, fetch, report);
  const sources = await readSources(files, request.directory, request.readStdin, reading);
  stopIfFailed();

  // Without a name of its own a stack of elsewhere is called as the folder in which the command was given.
  const naming = { report, ...(asWritten && { asWritten }) };
  const { name, variables } = nameSources(sources, dotenv, request.projectName, folder, naming);
  const directory = namedDirectory(request) ?? folderOf(files) ?? request.directory;
  const shared: Shared = {
    parsed: new Map(),
    inherited: new Map(),
    contents: new Map(),
    fetch,
    included: 0,
    whole: true,
  };
  const level = { ...reading, directory, variables, trail: [], shared, ...(asWritten && { asWritten }) };
  const merged = withContexts(await mergeSources(sources, level));
  return {
    tree: request.resolvePaths === false ? merged : withPaths(merged, { folder: directory, variables }),
    name,
    directory,
    files,
    environmentFiles: namedEnvFiles(request),
    ...(dotenvFile !== undefined && folder === directory && { dotenv: dotenvFile }),
    variables,
    contents: shared.contents,
    inherited: shared.inherited,
    whole: shared.whole,
  };
}

/** The files, those of elsewhere as copies; what cannot be got is told and left out. */
async function onThisMachine(
  paths: readonly string[],
  fetch: Fetch,
  report: Report,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const got = isRemote(path) ? await fetch(path) : { path };
    if ('path' in got) files.push(got.path);
    else report({ severity: 'error', ...got.problem });
  }
  return files;
}
