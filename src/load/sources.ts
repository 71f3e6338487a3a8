import { checkCharacters, tellBrokenBytes } from './characters.ts';
import { readText } from './files.ts';
import { interpolate, type Variables } from './interpolate.ts';
import { withoutLooseServices } from './misplaced.ts';
import type { Node } from './node.ts';
import { shownFrom } from './paths.ts';
import { projectName } from './project-name.ts';
import { complain, type Report } from './report.ts';
import { childOf, mergeBy, readBy } from './shape.ts';
import { stackFile, topLevelKeys } from './tables.ts';
import type { Reading } from './variables.ts';
import { parseYaml } from './yaml.ts';

/** Reads and parses the files; the documents of all of them in the order of merging. */
export async function parseFiles(
  paths: readonly string[],
  directory: string,
  readStdin: (() => Promise<string>) | undefined,
  reading: Reading,
): Promise<readonly Node[]> {
  const documents: Node[] = [];
  let whole = true;
  for (const path of paths) {
    const text = await readSource(path, directory, readStdin, reading);
    const parsed = text === undefined ? undefined : parseYaml(text, path, reading.report);
    whole &&= parsed !== undefined;
    documents.push(...(parsed ?? []));
  }
  const filled = documents.filter((document) => document.kind !== 'empty');
  if (whole && filled.length === 0) tellEmpty(paths, reading);
  return filled;
}

async function readSource(
  path: string,
  directory: string,
  readStdin: (() => Promise<string>) | undefined,
  { report, texts }: Reading,
): Promise<string | undefined> {
  const file =
    path === '-'
      ? { kind: 'text' as const, text: (await readStdin?.()) ?? '', brokenAt: undefined }
      : await readText(path);
  if (file.kind === 'text') {
    const { text, brokenAt } = file;
    texts.set(path, text);
    if (brokenAt !== undefined) tellBrokenBytes(brokenAt, text, path, report);
    return brokenAt === undefined && checkCharacters(text, path, report) ? text : undefined;
  }
  report({
    code: file.kind === 'missing' ? 'no-stack-file' : 'unreadable-file',
    severity: 'error',
    message: `the stack file ${shownFrom(directory, path)} ${file.kind === 'missing' ? 'does not exist' : 'cannot be read'}`,
    ...(file.kind === 'unreadable' ? { cause: file.cause } : {}),
  });
  return undefined;
}

function tellEmpty(paths: readonly string[], { report, texts }: Reading): void {
  const file = paths.find((path) => texts.has(path));
  if (file === undefined) return;
  report({
    code: 'invalid-value',
    severity: 'error',
    message: 'the stack file is empty',
    location: { file, line: 1, column: 1 },
    hint: 'describe what is to run under `services:`',
  });
}

/** The project name, and the variables with it among them. */
export function nameDocuments(
  documents: readonly Node[],
  variables: Variables,
  option: string | undefined,
  directory: string,
  report: Report,
): { readonly name: string; readonly variables: Variables } {
  const written = documents
    .map((document) => childOf(document, 'name'))
    .findLast((name) => name?.kind === 'text');
  // What is wrong with it is told when the whole document is read.
  const expanded = written && interpolate(written, variables, { path: 'name', report: () => {} });
  const name = projectName(
    {
      option,
      variable: variables.get('COMPOSE_PROJECT_NAME'),
      file: expanded?.kind === 'text' ? { name: expanded.value, at: expanded.location } : undefined,
      directory,
    },
    report,
  );
  return { name, variables: new Map([...variables, ['COMPOSE_PROJECT_NAME', name]]) };
}

/** Replaces the variables of each document and checks it against the tables. */
export function readDocuments(
  documents: readonly Node[],
  variables: Variables,
  report: Report,
): readonly Node[] {
  const top = { path: '', report };
  return documents.map((document) => {
    if (document.kind !== 'map') {
      complain(top, document, {
        code: 'wrong-type',
        message: 'a stack file must be a map, with `services:` at its beginning',
      });
      return { kind: 'broken', location: document.location };
    }
    tellVersion(document, report);
    const whole = withoutLooseServices(document, topLevelKeys, report);
    return readBy(stackFile, interpolate(whole, variables, top), top);
  });
}

function tellVersion(document: Node, report: Report): void {
  if (document.kind !== 'map') return;
  const version = document.entries.get('version');
  if (version === undefined) return;
  complain(
    { path: 'version', report },
    { location: version.at },
    {
      code: 'obsolete-key',
      severity: 'warning',
      message: '`version` is not used any more',
      hint: 'remove the line',
    },
  );
}

/** Merges documents from left to right. */
export function mergeDocuments(documents: readonly Node[]): Node {
  return documents.reduce((base, over) => mergeBy(stackFile, base, over));
}

/** The `x-` keys at the top. */
export function extensionsOf(draft: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(draft).filter(([key]) => key.startsWith('x-')));
}
