import { ProblemsError } from '../model/problem.ts';
import type { Mount, Port } from '../model/stack.ts';
import { readText } from './files.ts';
import { listNode, type Node, type TextNode } from './node.ts';
import { toPlain } from './normal/plain.ts';
import { homeIn, mountPath, resolve } from './paths.ts';
import { Problems } from './report.ts';
import { mounts } from './tables/mounts.ts';
import { ports } from './tables/ports.ts';
import type { Shape } from './tables/shape.ts';
import { splitWords } from './tables/words.ts';
import { parseDotenv } from './variables/dotenv.ts';

/** Parts of a stack that are written on the command line. Each throws `ProblemsError` for what cannot be read. */

/** Ports in their short form. */
export function readPorts(specs: readonly string[]): readonly Port[] {
  return readList(ports, specs, '--publish') as readonly Port[];
}

/** Mounts in their short form; paths of this machine are relative to the folder. */
export function readMounts(
  specs: readonly string[],
  folder: string,
  variables: ReadonlyMap<string, string>,
): readonly Mount[] {
  const read = readList(mounts, specs, '--volume') as readonly Mount[];
  return read.map((mount) =>
    mount.type === 'bind' ? { ...mount, source: mountPath(mount.source, folder, homeIn(variables)) } : mount,
  );
}

/** The words of a command as a shell would split them; `undefined` for what is left open. */
export function readWords(text: string): readonly string[] | undefined {
  return splitWords(text);
}

/** The same, and `undefined`, too, for what has an operator of a shell in it, from which on the words are left out. */
export function readCommand(text: string): readonly string[] | undefined {
  const words = readWords(`${text} ${end}`);
  return words?.at(-1) === end ? words.slice(0, -1) : undefined;
}

/** A character that nobody types. */
const end = '\uE000';

/** Variables of files, later ones over earlier ones. */
export async function readVariables(
  files: readonly string[],
  folder: string,
  variables: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const problems = new Problems();
  const texts = new Map<string, string>();
  const values = new Map<string, string>();
  for (const written of files) {
    const file = resolve(folder, written);
    const found = await readText(file);
    if (found.kind !== 'text') {
      const cause = found.kind === 'unreadable' ? { cause: found.cause } : {};
      const message = `the env file ${written} ${found.kind === 'missing' ? 'does not exist' : 'cannot be read'}`;
      problems.report({ code: 'missing-env-file', severity: 'error', message, ...cause });
      continue;
    }
    texts.set(file, found.text);
    const lookup = (name: string) => variables.get(name) ?? values.get(name);
    for (const [name, { value }] of parseDotenv(found.text, { file, lookup, report: problems.report }))
      values.set(name, value);
  }
  problems.stopIfFailed(texts);
  return values;
}

function readList(shape: Shape, specs: readonly string[], option: string): unknown {
  const problems = new Problems();
  const items = specs.map(textOf);
  const place = { path: option, report: problems.report };
  const plain = toPlain(shape.read(listNode(items, textOf('')), place));
  if (problems.failed) {
    const told = problems.sorted(new Map()).map(({ location: _, path: __, ...problem }) => problem);
    throw new ProblemsError(told);
  }
  return plain;
}

function textOf(value: string): TextNode & Node {
  return { kind: 'text', value, location: { file: '', line: 1, column: 1 } };
}
