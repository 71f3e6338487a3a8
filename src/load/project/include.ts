import { joinPath } from '../../model/stack.ts';
import { isFile } from '../files.ts';
import type { Entry, MapNode, Node, TextNode } from '../node.ts';
import { mapNode, textNode } from '../node.ts';
import { dirname, homeIn, hostPath, resolve, shownFrom, wayTo } from '../paths.ts';
import { complain, item, type Place, within } from '../report.ts';
import { isListed } from '../tables/pairs.ts';
import { childOf, textOf } from '../tables/shape.ts';
import { addFiles } from '../variables/variables.ts';
import { askedBy, type Level } from './level.ts';
import { changeAt, withContexts, withPaths } from './relative.ts';
import { locate } from './remote.ts';
import { readAskedFor, type Source } from './sources.ts';
import { entryOf, isThere, sameValue, untagged, withoutEntry } from './tree.ts';

/** Reads the files of a project of its own and merges them. */
export type MergeSources = (sources: readonly Source[], level: Level) => Promise<Node>;

/** More files than this are not included: two that each include the next two twice are many very soon. */
const includeLimit = 1000;

/** The parts of an included project that become part of the including one. */
const sections = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models'];

/** The document with what the projects have that it includes. */
export async function withIncluded(
  document: Node,
  file: string,
  level: Level,
  merge: MergeSources,
): Promise<Node> {
  if (document.kind !== 'map') return document;
  const entries = childOf(document, 'include');
  let whole = withoutEntry(document, 'include');
  if (entries?.kind !== 'list') return whole;
  for (const [index, entry] of entries.items.entries()) {
    const place = item({ path: 'include', report: level.report }, index);
    const project = await readProject(entry, file, place, level, merge);
    if (project?.kind === 'map') whole = withParts(whole, project, entry, level);
    else level.shared.whole = false;
  }
  return whole;
}

async function readProject(
  entry: Node,
  file: string,
  place: Place,
  level: Level,
  merge: MergeSources,
): Promise<Node | undefined> {
  const named = textsOf(childOf(entry, 'path'));
  const inner = await levelOf(entry, named, file, place, level);
  if (inner === undefined) return undefined;
  const sources: Source[] = [];
  for (const [index, path] of inner.paths.entries()) {
    const source = await readAskedFor(path, named[index] ?? entry, within(place, 'path'), inner.from);
    if (source === undefined) return undefined;
    sources.push(source);
  }
  const tree = await merge(sources, inner.level);
  const { directory, variables } = inner.level;
  const folder = wayTo(level.directory, directory);
  const resolved = withPaths(withContexts(untagged(tree)), { folder, variables });
  noteContents(resolved, inner.level);
  return withOwnVariables(resolved, inner.level);
}

interface Inner {
  readonly paths: readonly string[];
  readonly level: Level;
  /** The level of the entry, telling that it asked. */
  readonly from: Level;
}

/** The level of the files that an entry names; `undefined` if they cannot be read, which is told. */
async function levelOf(
  entry: Node,
  named: readonly TextNode[],
  file: string,
  place: Place,
  level: Level,
): Promise<Inner | undefined> {
  const paths: string[] = [];
  for (const node of named) {
    const path = await locate(node, within(place, 'path'), level);
    if (path === undefined) return undefined;
    paths.push(path);
  }
  const [main] = paths;
  const trail = [...level.trail, file];
  if (main === undefined || isCircle(paths, trail, entry, place) || isTooMuch(paths, entry, place, level)) {
    return undefined;
  }
  const home = homeIn(level.variables);
  const written = childOf(entry, 'project_directory');
  const directory = written?.kind === 'text' ? hostPath(written.value, level.directory, home) : dirname(main);
  const report = askedBy(level.report, 'included here', entry.location);
  const files = envFilesOf(entry, directory, place, level);
  const variables = await addFiles(level.variables, files, { ...level, report });
  const inner: Level = { ...level, directory, variables, trail, report };
  return { paths, level: inner, from: { ...level, report } };
}

function isCircle(paths: readonly string[], trail: readonly string[], entry: Node, place: Place): boolean {
  const again = paths.find((path) => trail.includes(path));
  if (again === undefined) return false;
  const circle = [...trail.slice(trail.indexOf(again)), again];
  const folder = dirname(trail[0] ?? again);
  complain(place, entry, {
    code: 'dependency-cycle',
    message: `files include each other in a circle: ${circle.map((path) => shownFrom(folder, path)).join(' → ')}`,
    hint: 'remove one of these entries of `include`',
  });
  return true;
}

function isTooMuch(paths: readonly string[], entry: Node, place: Place, { shared }: Level): boolean {
  shared.included += paths.length;
  if (shared.included <= includeLimit) return false;
  complain(place, entry, {
    code: 'invalid-value',
    message: `more than ${includeLimit} files are included`,
    hint: 'include each file once',
    once: 'too many included files',
  });
  return true;
}

/** The files with variables for an included project: those of its entry, else the `.env` of its folder. */
function envFilesOf(entry: Node, directory: string, place: Place, level: Level): readonly string[] {
  const named = textsOf(childOf(entry, 'env_file'));
  if (named.length === 0) {
    const path = resolve(directory, '.env');
    return isFile(path) ? [path] : [];
  }
  const paths: string[] = [];
  for (const node of named) {
    if (node.value === '/dev/null') continue;
    const path = hostPath(node.value, level.directory, homeIn(level.variables));
    if (isFile(path)) paths.push(path);
    else {
      complain(within(place, 'env_file'), node, {
        code: 'missing-env-file',
        message: `the env file ${shownFrom(level.directory, path)} does not exist`,
        hint: `paths are relative to ${level.directory} here`,
      });
    }
  }
  return paths;
}

/**
 * A variable that a service only names in a list has the value that it has at its own level. Those without a value in a
 * map are looked up outside, as with Docker Compose 2.40.3.
 */
function withOwnVariables(tree: Node, { variables }: Level): Node {
  return changeAt(tree, ['services', '*', 'environment'], (environment) => {
    if (environment.kind === 'list') {
      const items = environment.items.map((node) => {
        const value = node.kind === 'text' ? variables.get(node.value) : undefined;
        return node.kind === 'text' && value !== undefined
          ? { ...node, value: `${node.value}=${value}` }
          : node;
      });
      return { ...environment, items };
    }
    if (environment.kind !== 'map') return environment;
    const entries = new Map<string, Entry>();
    for (const [key, entry] of environment.entries) {
      const isNamed = entry.value.kind === 'empty' && isListed(entry);
      const value = isNamed ? variables.get(key) : undefined;
      entries.set(key, value === undefined ? entry : { ...entry, value: textNode(value, entry.value) });
    }
    return { ...environment, entries };
  });
}

/** Notes what configs and secrets contain that come from variables: those have the values of this level. */
function noteContents(tree: Node, { variables, shared }: Level): void {
  for (const section of ['configs', 'secrets']) {
    const parts = childOf(tree, section);
    if (parts?.kind !== 'map') continue;
    for (const [name, { value }] of parts.entries) {
      const path = joinPath(section, name);
      const content = variables.get(textOf(value, 'environment') ?? '');
      // Those of a project that is included further in are noted already.
      if (content !== undefined && !shared.contents.has(path)) shared.contents.set(path, content);
    }
  }
}

/** A document with the parts of a project it includes. The same name may be on both sides only with the same value. */
function withParts(document: MapNode, project: MapNode, entry: Node, level: Level): MapNode {
  const whole = new Map(document.entries);
  for (const section of sections) {
    const parts = entryOf(project, section);
    if (parts?.value.kind === 'broken') parts.value.complain?.();
    if (parts?.value.kind !== 'map') continue;
    const own = whole.get(section);
    const all =
      own?.value.kind === 'map' && isThere(own.value) ? new Map(own.value.entries) : new Map<string, Entry>();
    for (const [name, part] of parts.value.entries) {
      const known = all.get(name);
      if (known === undefined || !isThere(known.value)) all.set(name, part);
      else if (!sameValue(known.value, part.value))
        tellConflict(joinPath(section, name), known, part, entry, level);
    }
    whole.set(section, { at: own?.at ?? parts.at, value: mapNode(all, own?.value ?? parts.value) });
  }
  return { ...document, entries: whole };
}

function tellConflict(path: string, own: Entry, included: Entry, entry: Node, { report }: Level): void {
  complain(
    { path, report },
    { location: own.at },
    {
      code: 'conflicting-keys',
      message: `\`${path}\` is also in a file that is included, and differs`,
      hint: 'rename one of them, or change the included one in a file of its own that is named after this one with -f',
      related: [
        { message: 'the included one', location: included.at },
        { message: 'included here', location: entry.location },
      ],
    },
  );
}

function textsOf(node: Node | undefined): readonly TextNode[] {
  if (node?.kind === 'text') return [node];
  return node?.kind === 'list' ? node.items.filter((value) => value.kind === 'text') : [];
}
