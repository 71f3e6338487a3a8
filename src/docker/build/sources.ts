import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { failure, ProblemsError } from '../../model/problem.ts';
import { type Build, dockerfileNames, isRemoteContext } from '../../model/stack.ts';
import { createIgnore, type Ignore, parseDockerignore } from './dockerignore.ts';
import { unreadable, vanished } from './unreadable.ts';
import { type Folder, openFolder } from './walk.ts';

/** What a build is made from, looked up on disk. */
export interface BuildSources {
  /** A folder of this machine, or an address. */
  readonly context: string;
  /** The context is an address, which the builder itself goes to. */
  readonly remote: boolean;
  readonly ignore: Ignore;
  /** What the ignore file says. */
  readonly ignoreText: string;
  readonly dockerfile: Dockerfile;
  /** To be sent besides what the context lets in, by name in the context. */
  readonly extraFiles: ReadonlyMap<string, Buffer>;
  /** A folder that files come from. All who use it see the same of it, and it is looked at once. */
  folder(directory: string): Folder;
}

export interface Dockerfile {
  /** The name in what is sent. */
  readonly name: string;
  /** Absent if it is written in the stack file, or part of a context that is an address. */
  readonly path?: string;
  /** Absent if only the builder gets to see it. */
  readonly text?: string;
}

/** Throws `missing-build-file` when the context or the Dockerfile is not there, before an engine is asked for anything. */
export async function findSources(service: string, build: Build): Promise<BuildSources> {
  const { context } = build;
  if (isRemoteContext(context)) return remoteSources(service, build);
  if (!isFolder(context)) throw missing(service, 'context', 'build context', context);
  const dockerfilePath = pathOfDockerfile(build);
  const text = dockerfilePath === undefined ? build.dockerfile_inline : await readOptional(dockerfilePath);
  if (text === undefined) throw missing(service, 'dockerfile', 'Dockerfile', dockerfilePath ?? context);
  const ignoreFile = await readIgnoreFile(context, dockerfilePath);
  const ignore = ignoreOf(ignoreFile);
  const contents = Buffer.from(text);
  const inside = dockerfilePath === undefined ? undefined : nameInside(context, dockerfilePath);
  // The name follows from the contents: with another one each time no step that copies the context would be cached.
  const name = inside ?? `.dockerfile.${createHash('sha256').update(contents).digest('hex').slice(0, 16)}`;
  const extraFiles = new Map<string, Buffer>();
  if (inside === undefined || ignore.ignored(name)) extraFiles.set(name, contents);
  const where = dockerfilePath === undefined ? {} : { path: dockerfilePath };
  const dockerfile = { name, text, ...where };
  return {
    context,
    remote: false,
    ignore,
    ignoreText: ignoreFile.text,
    extraFiles,
    dockerfile,
    folder: openFolders(),
  };
}

/** Of a context that the builder fetches itself; a Dockerfile of this machine can only be named by its whole path. */
async function remoteSources(service: string, build: Build): Promise<BuildSources> {
  const { context, dockerfile = 'Dockerfile', dockerfile_inline: inline } = build;
  const remote = {
    context,
    remote: true,
    ignore: createIgnore([]),
    ignoreText: '',
    extraFiles: new Map(),
    folder: openFolders(),
  };
  if (inline !== undefined) return { ...remote, dockerfile: { name: 'Dockerfile', text: inline } };
  if (!path.isAbsolute(dockerfile)) return { ...remote, dockerfile: { name: dockerfile } };
  const text = await readOptional(dockerfile);
  if (text === undefined) throw missing(service, 'dockerfile', 'Dockerfile', dockerfile);
  const ignoreText = (await readOptional(`${dockerfile}.dockerignore`)) ?? '';
  return { ...remote, ignoreText, dockerfile: { name: path.basename(dockerfile), path: dockerfile, text } };
}

function openFolders(): BuildSources['folder'] {
  const opened = new Map<string, Folder>();
  return (directory) => {
    const folder = opened.get(directory) ?? openFolder(directory);
    opened.set(directory, folder);
    return folder;
  };
}

/** The Dockerfile on disk, unless it is written in the stack file. */
export function pathOfDockerfile({ context, dockerfile, dockerfile_inline }: Build): string | undefined {
  if (dockerfile_inline !== undefined) return undefined;
  const places = dockerfileNames(dockerfile).map((name) => path.resolve(context, name));
  return places.find((place) => existsSync(place)) ?? places[0];
}

export interface IgnoreFile {
  /** Absent if there is none. */
  readonly path?: string;
  readonly text: string;
}

/** The ignore file of a build: the one beside the Dockerfile with its name, else the one of the context. */
export async function readIgnoreFile(context: string, dockerfile: string | undefined): Promise<IgnoreFile> {
  for (const candidate of ignorePaths(context, dockerfile)) {
    const text = await readOptional(candidate);
    if (text !== undefined) return { path: candidate, text };
  }
  return { text: '' };
}

/** Where the ignore file of a build may be: the first that is there decides. */
export function ignorePaths(context: string, dockerfile: string | undefined): readonly string[] {
  const own = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  return [...own, path.join(context, '.dockerignore')];
}

/** What an ignore file ignores; a malformed pattern is told with its place. */
export function ignoreOf(file: IgnoreFile): Ignore {
  try {
    return createIgnore(parseDockerignore(file.text));
  } catch (error) {
    throw located(error, file);
  }
}

function located(error: unknown, { path: file, text }: IgnoreFile): unknown {
  const lines = text.split(/\r?\n/);
  const index = lines.findIndex((line) => !isWellFormed(line));
  if (!(error instanceof ProblemsError) || file === undefined || index < 0) return error;
  const location = { file, line: index + 1, column: 1 };
  return new ProblemsError(
    error.problems.map((problem) => ({ ...problem, location, sourceLine: lines[index] ?? '' })),
  );
}

function isWellFormed(line: string): boolean {
  try {
    createIgnore(parseDockerignore(line));
    return true;
  } catch {
    return false;
  }
}

export function isFolder(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** A file at once: promises of files take longer to load than it takes to read it. What is none may let one wait. */
async function readOptional(file: string): Promise<string | undefined> {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : await readFile(file, 'utf8');
  } catch (error) {
    if (vanished(error) || (error as NodeJS.ErrnoException).code === 'EISDIR') return undefined;
    throw unreadable(file, error);
  }
}

/** `undefined` for a file that the engine would not find in the context, also because of a link on the way. */
function nameInside(context: string, file: string): string | undefined {
  const name = nameIn(context, file);
  if (name === undefined) return undefined;
  const isThere = realpathSync.native(file) === path.join(realpathSync.native(context), name);
  return isThere ? name : undefined;
}

/** A path relative to the context with `/`, empty for the context itself; `undefined` for what is not in it. */
export function nameIn(context: string, file: string): string | undefined {
  const name = path.relative(context, file).split(path.sep).join('/');
  return name === '..' || name.startsWith('../') || path.isAbsolute(name) ? undefined : name;
}

function missing(service: string, key: 'context' | 'dockerfile', what: string, file: string): ProblemsError {
  return failure({
    code: 'missing-build-file',
    service,
    path: `services.${service}.build.${key}`,
    message: `the ${what} of ${service} does not exist: ${file}`,
    hint: `create it, or correct services.${service}.build.${key}`,
  });
}
