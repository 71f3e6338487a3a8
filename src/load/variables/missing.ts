import { isSecretName } from '../../model/masking.ts';
import type { Location, Problem } from '../../model/problem.ts';
import type { StackExtras, VariableWish } from '../../model/x-stack.ts';
import { readText } from '../files.ts';
import { basename, dirname, resolve } from '../paths.ts';
import type { Told } from '../report.ts';
import { type EnvEntry, parseDotenv } from './dotenv.ts';

/** A variable that the stack uses, of which an example file or `x-stack.env` knows, and that has no value. */
export interface MissingVariable {
  readonly name: string;
  /** What it is for. */
  readonly describe?: string;
  /** As the example file has it; blank: everyone has to say it. */
  readonly example?: EnvEntry;
  /** How many letters and digits a value has that is made up. */
  readonly generate?: number;
  readonly isSecret: boolean;
  readonly mayBeBlank: boolean;
  /** The path and the place in the stack of an `env_file` that is to have it; absent: a value refers to it. */
  readonly envFile?: EnvFilePlace;
}

export interface EnvFilePlace {
  readonly path: string;
  readonly service?: string;
  readonly at?: Location;
}

export interface WhereMissing {
  /** The `.env` that is read if it is there; absent: none is. */
  readonly dotenv: string | undefined;
  /** All variables that have a value. */
  readonly variables: ReadonlyMap<string, string>;
  /** The variables of the process: what is blank there stays blank, whatever a file says. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly wishes: StackExtras['env'] | undefined;
  /** The env files of services, absolute, by their place. */
  readonly envFiles: ReadonlyMap<string, EnvFilePlace>;
  /** The variables that values refer to and that are not set, and those among them that have to be. */
  readonly unset: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
}

/** What people name the file that others are to make their `.env` of; the first one there is counts. */
export const exampleNames = [
  '.env.example',
  '.env.sample',
  '.env.dist',
  '.env.template',
  'env.example',
  'example.env',
];

/** In the order of the example file, then of `x-stack.env`. */
export async function findMissing(where: WhereMissing): Promise<readonly MissingVariable[]> {
  const { dotenv, variables, environment, envFiles, unset, required } = where;
  if (dotenv === undefined || where.wishes === false) return [];
  const envFile = envFiles.get(dotenv);
  if (unset.size === 0 && envFile === undefined) return [];
  const examples = await readExamples(dirname(dotenv));
  const wishes = new Map(Object.entries(where.wishes ?? {}));
  return [...new Set([...examples.keys(), ...wishes.keys()])]
    .filter((name) => environment[name] === undefined)
    .filter((name) => unset.has(name) || (envFile !== undefined && !variables.has(name)))
    .map((name): MissingVariable => {
      const { describe, generate, secret }: VariableWish = wishes.get(name) ?? {};
      const { entry, comment } = examples.get(name) ?? {};
      const isMadeUp = generate !== undefined && generate !== null;
      const isSecret = secret ?? (isMadeUp || isSecretName(name));
      const said = describe ?? comment;
      return {
        name,
        ...(said && { describe: said }),
        ...(entry && { example: entry }),
        ...(isMadeUp && { generate: Number(generate) }),
        isSecret,
        mayBeBlank: !isSecret && !required.has(name),
        ...(envFile && !unset.has(name) && { envFile }),
      };
    });
}

interface Example {
  readonly entry: EnvEntry;
  readonly comment: string;
}

async function readExamples(folder: string): Promise<ReadonlyMap<string, Example>> {
  for (const file of exampleNames.map((name) => resolve(folder, name))) {
    const found = await readText(file, 0);
    if (found.kind !== 'text') continue;
    const entries = parseDotenv(found.text, { file, lookup: () => undefined, report: () => {} });
    const lines = found.text.split('\n');
    return new Map(
      [...entries].map(([name, entry]) => [name, { entry, comment: commentAbove(entry.at.line, lines) }]),
    );
  }
  return new Map();
}

/** The comment that ends right above a line. */
function commentAbove(line: number, lines: readonly string[]): string {
  const above = lines.slice(0, line - 1).toReversed();
  const end = above.findIndex((text) => !text.trimStart().startsWith('#'));
  const comment = end === -1 ? above : above.slice(0, end);
  return comment
    .toReversed()
    .map((text) => text.trim().replace(/^#+\s*/, ''))
    .filter((text) => text !== '')
    .join(' ');
}

/** What is said of a variable that a value refers to; the file's own words stay if it says what is to be said. */
export function wordsOfMissing(variable: MissingVariable, hasWords: boolean): Partial<Told> {
  const hints = { hint: hintOf(variable), ...relatedTo(variable) };
  if (hasWords) return hints;
  const said = variable.describe === undefined ? '' : `: ${variable.describe}`;
  return {
    ...hints,
    code: 'missing-variable',
    severity: 'error',
    message: `the variable \`${variable.name}\` needs a value${said}`,
    withMore: (more) => `the variable \`${variable.name}\` needs a value here and in ${more}${said}`,
  };
}

/** What is said of variables that are missing in the `.env` that a service has as an `env_file`. */
export function missingInEnvFiles(variables: readonly MissingVariable[]): readonly Problem[] {
  const ofFiles = variables.filter(({ envFile }) => envFile !== undefined);
  const [first, ...others] = ofFiles;
  if (first?.envFile === undefined) return [];
  const { at, ...place } = first.envFile;
  const names = ofFiles.map(({ name }) => `\`${name}\``).join(', ');
  return [
    {
      code: 'missing-variable',
      severity: 'error',
      message: `.env, which is an env file here, has no ${names}`,
      ...place,
      ...(at && { location: at }),
      hint:
        others.length === 0
          ? hintOf(first)
          : '`stack env --fill` writes what it can into .env, and asks for the rest on a terminal',
      ...relatedTo(first),
    },
  ];
}

function relatedTo({ example }: MissingVariable): Pick<Problem, 'related'> {
  if (example === undefined) return {};
  return { related: [{ message: `${basename(example.at.file)} has it`, location: example.at }] };
}

function hintOf({ name, generate, example, mayBeBlank }: MissingVariable): string {
  if (generate !== undefined) return '`stack env --fill` makes one up and writes it into .env';
  const hasExample = example !== undefined && (example.value !== '' || mayBeBlank);
  if (hasExample) return `\`stack env --fill\` takes it from ${basename(example.at.file)} into .env`;
  return `write ${name}=… into .env; \`stack env --fill\` asks for it on a terminal`;
}
