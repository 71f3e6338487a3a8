import { type EnvEntry, parseDotenv } from './dotenv.ts';
import { isFile, readText } from './files.ts';
import { resolve } from './paths.ts';
import type { Report } from './report.ts';

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
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Adds the variables of the `.env` file of a folder, or of the files that COMPOSE_ENV_FILES of the process names
 * instead. Variables that are there already win.
 */
export async function addDotenv(
  variables: ReadonlyMap<string, string>,
  folder: string,
  { directory, environment }: Process,
  reading: Reading,
): Promise<Map<string, string>> {
  const named = environment.COMPOSE_ENV_FILES ?? '';
  if (named !== '') {
    const paths = named.split(',').map((name) => resolve(directory, name));
    return addFiles(variables, paths, reading);
  }
  if (isTrue(environment.COMPOSE_DISABLE_ENV_FILE)) return new Map(variables);
  const path = resolve(folder, '.env');
  // A folder of that name, as some tools make one, is not meant.
  return addFiles(variables, (await isFile(path)) ? [path] : [], reading);
}

async function addFiles(
  variables: ReadonlyMap<string, string>,
  paths: readonly string[],
  reading: Reading,
): Promise<Map<string, string>> {
  const entries = new Map<string, EnvEntry>();
  for (const path of paths) {
    // Read once, though it is asked for again when the project directory is known.
    if (reading.texts.has(path)) continue;
    const file = await readText(path);
    if (file.kind === 'text') {
      reading.texts.set(path, file.text);
      const context = { file: path, lookup: (name: string) => variables.get(name), earlier: entries };
      for (const [name, entry] of parseDotenv(file.text, { ...context, report: reading.report })) {
        entries.set(name, entry);
      }
    } else {
      reading.report({
        code: file.kind === 'missing' ? 'missing-env-file' : 'unreadable-file',
        severity: 'error',
        message:
          file.kind === 'missing'
            ? `the env file ${path} does not exist`
            : `the env file ${path} cannot be read`,
        ...(file.kind === 'unreadable'
          ? { cause: file.cause }
          : { hint: 'it is named in COMPOSE_ENV_FILES' }),
      });
    }
  }
  const all = new Map(variables);
  for (const [name, { value }] of entries) if (!all.has(name)) all.set(name, value);
  return all;
}

function isTrue(value: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(value ?? '');
}
