import { isFile, readText } from '../files.ts';
import { resolve } from '../paths.ts';
import type { Report } from '../report.ts';
import { type EnvEntry, parseDotenv } from './dotenv.ts';

/** What is read so far of the files that give variables, for the frames of problems and for watching. */
export interface Reading {
  readonly report: Report;
  /** Texts by absolute path. */
  readonly texts: Map<string, string>;
}

/** The variables of the process; those without a value are left out. */
export function processVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined) variables.set(name, value);
  return variables;
}

export interface Process {
  readonly directory: string;
  /** Files of `--env-file`. */
  readonly envFiles?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The files that are named to be read instead of `.env`, absolute: those of `--env-file`, else of COMPOSE_ENV_FILES. */
export function namedEnvFiles({ directory, envFiles = [], environment }: Process): readonly string[] {
  const listed = environment.COMPOSE_ENV_FILES ?? '';
  const names = envFiles.length > 0 ? envFiles : listed === '' ? [] : listed.split(',');
  return names.map((name) => resolve(directory, name));
}

/**
 * Adds the variables of the `.env` file of a folder, or of the files that are named instead. Variables that are there
 * already win.
 */
export async function addDotenv(
  variables: ReadonlyMap<string, string>,
  folder: string,
  own: Process,
  reading: Reading,
): Promise<Map<string, string>> {
  const path = dotenvOf(folder, own);
  if (path === undefined) return addFiles(variables, namedEnvFiles(own), reading);
  // A folder of that name, as some tools make one, is not meant.
  return addFiles(variables, isFile(path) ? [path] : [], reading);
}

/** The `.env` that is read for a folder if it is there; none if other files are named, or it is not to be read. */
export function dotenvOf(folder: string, own: Process): string | undefined {
  const isOff = namedEnvFiles(own).length > 0 || isTrue(own.environment.COMPOSE_DISABLE_ENV_FILE);
  return isOff ? undefined : resolve(folder, '.env');
}

/** Adds the variables of files; later ones win over earlier ones, variables that are there already over all. */
export async function addFiles(
  variables: ReadonlyMap<string, string>,
  paths: readonly string[],
  { report, texts }: Reading,
): Promise<Map<string, string>> {
  const entries = new Map<string, EnvEntry>();
  for (const path of paths) {
    const known = texts.get(path);
    const file = known === undefined ? await readText(path) : { kind: 'text' as const, text: known };
    if (file.kind === 'text') {
      texts.set(path, file.text);
      const context = { file: path, lookup: (name: string) => variables.get(name), earlier: entries, report };
      for (const [name, entry] of parseDotenv(file.text, context)) entries.set(name, entry);
      continue;
    }
    const missing = file.kind === 'missing';
    report({
      code: missing ? 'missing-env-file' : 'unreadable-file',
      severity: 'error',
      message: `the env file ${path} ${missing ? 'does not exist' : 'cannot be read'}`,
      ...(missing ? { hint: 'it is named by --env-file or COMPOSE_ENV_FILES' } : { cause: file.cause }),
    });
  }
  const all = new Map(variables);
  for (const [name, { value }] of entries) if (!all.has(name)) all.set(name, value);
  return all;
}

function isTrue(value: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(value ?? '');
}
