import type { Problem } from '../../model/problem.ts';
import { readText } from '../files.ts';
import { dirname, resolve, shownFrom } from '../paths.ts';
import type { Problems } from '../report.ts';
import { type EnvEntry, parseDotenv } from './dotenv.ts';
import { exampleNames } from './missing.ts';

export interface WhereToSearch {
  /** The project directory. */
  readonly directory: string;
  /** The folder in which the command was given. */
  readonly current: string;
  /** The env files of services. */
  readonly envFiles: readonly string[];
  /** All files that were read. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Files that tools other than Docker Compose read, and those of folders it does not look into. */
const others = ['.env', '.env.local', '.env.development'];

/** Names the file that has a variable which is not set: mostly it is there, but not where Docker Compose reads it. */
export async function explainUnset(problems: Problems, where: WhereToSearch): Promise<void> {
  const missing = new Set(problems.unset);
  const words = new Map<string, Pick<Problem, 'hint' | 'related'>>();
  if (missing.size === 0) return;
  for (const candidate of candidatesIn(where)) {
    const text = where.texts.get(candidate.path) ?? (await textOf(candidate.path));
    if (text === undefined) continue;
    const name = shownFrom(where.directory, candidate.path);
    for (const [variable, { value, at }] of entriesOf(text, candidate.path)) {
      if (value === '' || !missing.delete(variable)) continue;
      const { hint, message } = candidate.words(name, variable);
      words.set(variable, { hint, related: [{ message, location: at }] });
    }
  }
  problems.explainUnset(words);
}

interface Candidate {
  readonly path: string;
  readonly words: (name: string, variable: string) => { readonly message: string; readonly hint: string };
}

/** Those that were meant most likely come first. A file that variables were read from has no variable that is not set. */
function candidatesIn({ directory, current, envFiles, texts }: WhereToSearch): readonly Candidate[] {
  const besides = [...texts.keys()].filter((path) => path !== '-').map((path) => dirname(path));
  const folders = [...new Set([directory, current, ...besides])];
  const within = (names: readonly string[], words: Candidate['words']) =>
    folders.flatMap((folder) => names.map((name) => ({ path: resolve(folder, name), words })));
  return [
    ...envFiles.map((path) => ({ path: resolve(directory, path), words: ofContainers })),
    ...within(others, notRead),
    ...within(exampleNames, toCopy),
  ];
}

function ofContainers(name: string, variable: string) {
  return {
    message: `${name} has it, but as an \`env_file\` for containers only`,
    hint: `put ${variable} into .env, or name the file with --env-file too`,
  };
}

function notRead(name: string) {
  return {
    message: `${name} has it, but is not read for this`,
    hint: `name the file with --env-file ${name}`,
  };
}

function toCopy(name: string, variable: string) {
  return { message: `${name} has it`, hint: `copy ${variable} from ${name} to .env` };
}

async function textOf(path: string): Promise<string | undefined> {
  const file = await readText(path, 0);
  return file.kind === 'text' ? file.text : undefined;
}

function entriesOf(text: string, file: string): ReadonlyMap<string, EnvEntry> {
  return parseDotenv(text, { file, lookup: () => undefined, report: () => {} });
}
