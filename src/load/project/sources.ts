import { readText } from '../files.ts';
import { type MapNode, mapNode, type Node } from '../node.ts';
import { shownFrom } from '../paths.ts';
import { complain, type Place, type Report } from '../report.ts';
import { withoutLooseServices } from '../tables/misplaced.ts';
import { childOf, readBy } from '../tables/shape.ts';
import { stackFile, topLevelKeys } from '../tables/tables.ts';
import { interpolate, type Variables } from '../variables/interpolate.ts';
import type { Reading } from '../variables/variables.ts';
import { checkCharacters, tellBrokenBytes } from '../yaml/characters.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { Level } from './level.ts';
import { projectName } from './project-name.ts';

/** A file and the documents in it. */
export interface Source {
  readonly path: string;
  readonly documents: readonly Node[];
}

/** Reads and parses the files of `-f`. Those that cannot be are told and left out. */
export async function readSources(
  paths: readonly string[],
  directory: string,
  readStdin: (() => Promise<string>) | undefined,
  reading: Reading,
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    const text = await readSource(path, directory, readStdin, reading);
    const documents = text === undefined ? undefined : parseYaml(text, path, reading.report);
    if (documents !== undefined) sources.push({ path, documents: documents.filter(isFilled) });
  }
  const whole = sources.length === paths.length;
  if (whole && sources.every(({ documents }) => documents.length === 0)) tellEmpty(paths, reading);
  return sources;
}

function isFilled(document: Node): boolean {
  return document.kind !== 'empty';
}

/** Reads and parses a file that another one asks for by the value of a node. What is wrong with it is told. */
export async function readAskedFor(
  path: string,
  node: Node,
  place: Place,
  level: Level,
): Promise<Source | undefined> {
  const { parsed } = level.shared;
  const known = parsed.get(path);
  if (known !== undefined) return { path, documents: known };
  const file = await readText(path);
  if (file.kind !== 'text') {
    const missing = file.kind === 'missing';
    complain(place, node, {
      code: missing ? 'undefined-reference' : 'unreadable-file',
      message: `the file ${shownFrom(level.directory, path)} ${missing ? 'does not exist' : 'cannot be read'}`,
      ...(missing ? { hint: `paths are relative to ${level.directory} here` } : { cause: file.cause }),
    });
    return undefined;
  }
  const documents = wholeText(file, path, level) ? parseYaml(file.text, path, level.report) : undefined;
  if (documents === undefined) return undefined;
  const filled = documents.filter(isFilled);
  parsed.set(path, filled);
  return { path, documents: filled };
}

async function readSource(
  path: string,
  directory: string,
  readStdin: (() => Promise<string>) | undefined,
  reading: Reading,
): Promise<string | undefined> {
  const file =
    path === '-' ? { kind: 'text' as const, text: (await readStdin?.()) ?? '' } : await readText(path);
  if (file.kind === 'text') return wholeText(file, path, reading) ? file.text : undefined;
  reading.report({
    code: file.kind === 'missing' ? 'no-stack-file' : 'unreadable-file',
    severity: 'error',
    message: `the stack file ${shownFrom(directory, path)} ${file.kind === 'missing' ? 'does not exist' : 'cannot be read'}`,
    ...(file.kind === 'unreadable' ? { cause: file.cause } : {}),
  });
  return undefined;
}

/** Notes the text of a file; false if there are characters in it that cannot be, which is told. */
function wholeText(
  { text, brokenAt }: { readonly text: string; readonly brokenAt?: number },
  path: string,
  { report, texts }: Reading,
): boolean {
  texts.set(path, text);
  if (brokenAt === undefined) return checkCharacters(text, path, report);
  tellBrokenBytes(brokenAt, text, path, report);
  return false;
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
export function nameSources(
  sources: readonly Source[],
  variables: Variables,
  option: string | undefined,
  directory: string,
  { report, asWritten }: Pick<Level, 'report' | 'asWritten'>,
): { readonly name: string; readonly variables: Variables } {
  const written = sources
    .flatMap(({ documents }) => documents)
    .map((document) => childOf(document, 'name'))
    .findLast((name) => name?.kind === 'text');
  // What is wrong with it is told when the whole document is read.
  const expanded =
    written && !asWritten ? interpolate(written, variables, { path: 'name', report: () => {} }) : written;
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

/** Replaces the variables of a document. What is no stack file at all is told and becomes an empty one. */
export function openDocument(document: Node, { variables, report, asWritten }: Level): MapNode {
  const place = { path: '', report };
  if (document.kind !== 'map') {
    complain(place, document, {
      code: 'wrong-type',
      message: 'a stack file must be a map, with `services:` at its beginning',
    });
    return mapNode(new Map(), document);
  }
  tellVersion(document, report);
  const opened = asWritten ? document : interpolate(document, variables, place);
  return opened.kind === 'map' ? opened : mapNode(new Map(), document);
}

/** Checks a document against the tables and brings it into its long form. */
export function readDocument(document: MapNode, { report, asWritten }: Level): Node {
  const whole = withoutLooseServices(document, topLevelKeys, report);
  return readBy(stackFile, whole, { path: '', report, ...(asWritten && { asWritten }) });
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

/** The `x-` keys at the top. */
export function extensionsOf(draft: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(draft).filter(([key]) => key.startsWith('x-')));
}
