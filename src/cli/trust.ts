import { loadAsWritten } from '../load/as-written.ts';
import { type LoadRequest, loadStack } from '../load/load.ts';
import { isRemote } from '../load/project/git.ts';
import { type UsedVariable, variablesUsed } from '../load/variables/used.ts';
import { maskValue } from '../model/masking.ts';
import { failure } from '../model/problem.ts';
import { formatTable } from '../report/table.ts';
import type { GlobalOptions } from './program.ts';
import { questionsOn } from './questions.ts';

/** What is said with the command itself. */
interface Words {
  /** Variables of `-e`. */
  readonly environment?: readonly string[];
  /** `--yes` */
  readonly isSure?: boolean;
}

/**
 * For a stack of elsewhere, as Docker Compose 2.40.3 does it: says where its files are, and asks whether values of this
 * machine may be put into them. Throws `interrupted` if they may not.
 */
export async function confirmStackOfElsewhere(
  load: LoadRequest,
  { environment = [], isSure = false }: Words,
  globals: GlobalOptions,
  signal: AbortSignal,
): Promise<void> {
  const [first = ''] = load.files;
  if (!isRemote(first)) return;
  const stream = globals.json === true ? process.stderr : process.stdout;
  const { stack, variables } = await loadStack({ ...load, services: [], resolveEnvironment: false });
  const isTold = globals.json !== true && globals.progress !== 'quiet' && globals.progress !== 'json';
  if (isTold)
    stream.write(`Your compose stack "${maskValue('', first)}" is stored in "${stack.directory}"\n`);
  if (isSure) return;
  const { model } = await loadAsWritten({ ...load, services: [] });
  const rows = variablesUsed(model).map((variable) => {
    const { name, required, defaultValue } = variable;
    const [value, source] = sourceOf(variable, { environment, load, variables });
    return [name, maskValue(name, value), source, required ? 'yes' : 'no', maskValue(name, defaultValue)];
  });
  if (rows.length === 0) return;
  const headings = ['VARIABLE', 'VALUE', 'SOURCE', 'REQUIRED', 'DEFAULT'];
  const table = formatTable([headings, ...rows], { least: 0, gap: 3 });
  const questions = questionsOn(stream, signal);
  const isFine = await questions.ask(
    `\nFound the following variables in configuration:\n${table}\nDo you want to proceed with these variables? [y/N]: `,
  );
  questions.end();
  if (isFine) return;
  throw failure({
    code: 'interrupted',
    message: 'operation cancelled by user',
    hint: 'answer y; up does not ask with --yes',
  });
}

interface Sources {
  readonly environment: readonly string[];
  readonly load: LoadRequest;
  readonly variables: ReadonlyMap<string, string>;
}

/** The value that a variable has, and where it is from, in Docker Compose's words. */
function sourceOf(
  { name, defaultValue }: UsedVariable,
  { environment, load, variables }: Sources,
): readonly [value: string, source: string] {
  const given = environment.findLast((one) => one.startsWith(`${name}=`));
  if (given !== undefined) return [given.slice(name.length + 1), 'command-line'];
  const own = load.environment[name];
  if (own !== undefined) return [own, 'environment'];
  const written = variables.get(name);
  if (written !== undefined) return [written, 'env file'];
  return defaultValue === '' ? ['<unset>', 'none'] : [defaultValue, 'compose file'];
}
