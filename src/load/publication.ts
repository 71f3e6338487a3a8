import { createHash } from 'node:crypto';
import { failure, type Location } from '../model/problem.ts';
import type { ProjectFile } from '../model/registry.ts';
import { readText } from './files.ts';
import type { Loaded } from './load.ts';
import type { Node, TextNode } from './node.ts';
import { basename, dirname, homeIn, hostPath } from './paths.ts';
import { isRemote } from './project/git.ts';
import { childOf } from './tables/shape.ts';
import { interpolate } from './variables/interpolate.ts';
import { parseYaml } from './yaml/parse.ts';
import { type Replacement, replaceValues } from './yaml/replace.ts';

/** The files of a stack as they are published. */
export interface Publication {
  /** Stack files, then those whose services are extended, then env files. */
  readonly files: readonly ProjectFile[];
  /** Where files of this machine are included, which are no part of it. */
  readonly localIncludes: readonly Location[];
}

/** A file whose text names others. */
interface Source {
  readonly path: string;
  /** What paths in it are relative to. */
  readonly directory: string;
  readonly kind: 'stack' | 'extended';
}

/**
 * The files of a stack as they are written, but for the names of env files and extended files: those are published beside
 * them under names without a folder, which Docker Compose makes of their paths. Throws `unreadable-file`.
 */
export async function publicationOf({
  stack,
  variables,
}: Pick<Loaded, 'stack' | 'variables'>): Promise<Publication> {
  const stackFiles: ProjectFile[] = [];
  const extendedFiles: ProjectFile[] = [];
  const environmentPaths = new Set<string>();
  const localIncludes: Location[] = [];
  const sources: Source[] = stack.files.map((path) => ({ path, directory: stack.directory, kind: 'stack' }));
  const home = homeIn(variables);
  // Those that are found on the way are looked at, too.
  for (const { path, directory, kind } of sources) {
    const text = await textOf(path);
    const documents = (parseYaml(text, path, () => {}) ?? []).map((document) =>
      interpolate(document, variables, { path: '', report: () => {} }),
    );
    const replacements: Replacement[] = [];
    const put = (node: TextNode, value: string): void => {
      replacements.push({ line: node.location.line, column: node.location.column, value });
    };
    for (const node of documents.flatMap(environmentFilesIn)) {
      const named = hostPath(node.value, directory, home);
      environmentPaths.add(named);
      put(node, publishedName(named, 'env'));
    }
    for (const node of documents.flatMap(extendedFilesIn)) {
      const named = isRemote(node.value) ? undefined : hostPath(node.value, directory, home);
      if (named === undefined) continue;
      if (!sources.some((source) => source.kind === 'extended' && source.path === named)) {
        sources.push({ path: named, directory: dirname(named), kind: 'extended' });
      }
      put(node, publishedName(named, 'yaml'));
    }
    const content = Buffer.from(replaceValues(text, replacements));
    if (kind === 'stack') {
      stackFiles.push({ kind, name: basename(path), content });
      localIncludes.push(...documents.flatMap(localIncludesIn));
    } else extendedFiles.push({ kind, name: publishedName(path, 'yaml'), content });
  }
  const environmentFiles: ProjectFile[] = [];
  for (const path of environmentPaths) {
    const file = await readText(path);
    // One that is not required may be missing.
    if (file.kind !== 'text') continue;
    environmentFiles.push({
      kind: 'environment',
      name: publishedName(path, 'env'),
      content: Buffer.from(file.text),
    });
  }
  return { files: [...stackFiles, ...extendedFiles, ...environmentFiles], localIncludes };
}

/** The name tells nothing of the machine, and is the same for all who name the file. */
function publishedName(path: string, extension: 'env' | 'yaml'): string {
  return `${createHash('sha256').update(path).digest('hex')}.${extension}`;
}

async function textOf(path: string): Promise<string> {
  const file = await readText(path);
  if (file.kind === 'text') return file.text;
  const isInput = path === '-';
  throw failure({
    code: 'unreadable-file',
    message: isInput
      ? 'what comes from standard input cannot be published'
      : `the file ${path} cannot be read`,
    ...(isInput ? { hint: 'write it into a file' } : {}),
    ...(file.kind === 'unreadable' ? { cause: file.cause } : {}),
  });
}

function environmentFilesIn(document: Node): TextNode[] {
  return servicesIn(document).flatMap((service) =>
    itemsOf(childOf(service, 'env_file')).flatMap((entry) =>
      texts(entry.kind === 'map' ? childOf(entry, 'path') : entry),
    ),
  );
}

function extendedFilesIn(document: Node): TextNode[] {
  return servicesIn(document).flatMap((service) => texts(childOf(childOf(service, 'extends'), 'file')));
}

function localIncludesIn(document: Node): Location[] {
  return itemsOf(childOf(document, 'include'))
    .flatMap((entry) => itemsOf(entry.kind === 'map' ? childOf(entry, 'path') : entry))
    .filter((node) => node.kind !== 'text' || !isRemote(node.value))
    .map(({ location }) => location);
}

function servicesIn(document: Node): Node[] {
  const services = childOf(document, 'services');
  return services?.kind === 'map' ? [...services.entries.values()].map(({ value }) => value) : [];
}

/** One value stands for a list of one. */
function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? node.items : [node];
}

function texts(node: Node | undefined): TextNode[] {
  return node?.kind === 'text' && node.value !== '' ? [node] : [];
}
