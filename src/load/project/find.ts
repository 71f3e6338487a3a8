import type { Problem } from '../../model/problem.ts';
import { failure } from '../../model/problem.ts';
import { isFile } from '../files.ts';
import { basename, delimiter, dirname, resolve, upwards } from '../paths.ts';
import { isRemote } from './git.ts';

const stackNames = ['stack.yaml', 'stack.yml'];
const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const stackOverrides = ['stack.override.yaml', 'stack.override.yml'];
const composeOverrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export interface FoundFiles {
  /** Absolute paths in the order of merging; `-` is standard input. Files of elsewhere are as they were named. */
  readonly paths: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface WhereToLook {
  readonly directory: string;
  /** As given on the command line. */
  readonly files: readonly string[];
  readonly variables: ReadonlyMap<string, string>;
  /** As given on the command line. */
  readonly projectDirectory?: string;
}

/** Whether a file is read because of its name once it is in the folder of the stack. */
export function isFoundByName(name: string): boolean {
  return [...stackNames, ...composeNames, ...stackOverrides, ...composeOverrides, '.env'].includes(name);
}

/**
 * The stack files: those named, else those of COMPOSE_FILE, else the first folder from the project directory upwards
 * that has one, or from the current one, with the override file beside it. Throws `no-stack-file`.
 */
export function findFiles(where: WhereToLook): FoundFiles {
  const named = namedFiles(where);
  if (named.length > 0) return { paths: named, warnings: [] };
  const start = resolve(where.directory, where.projectDirectory ?? '.');
  for (const folder of upwards(start)) {
    const bases = present(folder, [...stackNames, ...composeNames]);
    const base = bases[0];
    if (base === undefined) continue;
    const overrides = stackNames.includes(basename(base)) ? stackOverrides : composeOverrides;
    const override = present(folder, overrides)[0];
    return {
      paths: override === undefined ? [base] : [base, override],
      warnings: bases.length > 1 ? [ambiguous(bases)] : [],
    };
  }
  throw failure({
    code: 'no-stack-file',
    message: `there is no stack file in ${start} or the folders above it`,
    hint: '`stack init` makes one out of what is there, or name a file with -f',
  });
}

/** The folder that the first file names, if a file of this machine is named first. */
export function namedFolder(where: WhereToLook): string | undefined {
  return folderOf(namedFiles(where));
}

/** The folder of the first file that is not standard input; none if that is not on this machine. */
export function folderOf(paths: readonly string[]): string | undefined {
  const first = paths.find((path) => path !== '-');
  return first === undefined || isRemote(first) ? undefined : dirname(first);
}

function namedFiles({ directory, files, variables }: WhereToLook): readonly string[] {
  const listed = variables.get('COMPOSE_FILE') ?? '';
  const separator = variables.get('COMPOSE_PATH_SEPARATOR') || delimiter;
  const names = files.length > 0 ? files : listed === '' ? [] : listed.split(separator);
  return names.map((name) => (name === '-' || isRemote(name) ? name : resolve(directory, name)));
}

/** The stack file of a folder, without looking further. */
export function stackFileIn(folder: string): string | undefined {
  return present(folder, [...stackNames, ...composeNames])[0];
}

function present(folder: string, names: readonly string[]): string[] {
  return names.map((name) => resolve(folder, name)).filter(isFile);
}

function ambiguous(paths: readonly string[]): Problem {
  const [used = '', ...others] = paths.map((path) => basename(path));
  return {
    code: 'conflicting-keys',
    severity: 'warning',
    message: `there are several stack files; ${used} is used, ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} not`,
    hint: 'remove the others, or name one with -f',
  };
}
