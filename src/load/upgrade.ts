import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Pair,
  parseAllDocuments,
  Scalar,
  type ScalarTag,
  visit,
  YAMLMap,
} from 'yaml';
import { stringifyString } from 'yaml/util';
import type { Problem } from '../model/problem.ts';
import { topLevelKeys } from './tables/tables.ts';

export interface Upgraded {
  readonly text: string;
  /** What has to be looked at, or could not be carried over. */
  readonly warnings: readonly Problem[];
}

/**
 * A stack file of version 1, 2 or 3 of Docker Compose as one of today, with its comments, its order and, as far as
 * possible, its layout. The text must be valid YAML.
 */
export function upgradeFile(text: string, file: string): Upgraded {
  const warnings: Problem[] = [];
  const layout = layoutOf(text);
  const printed = printDocuments(upgradedDocuments(text, file, warnings), layout);
  // What needs nothing else keeps its layout to the blank.
  const light = withoutVersion(text);
  const { documents } = parseDocuments(light);
  const isEnough =
    documents.every(({ errors }) => errors.length === 0) && printDocuments(documents, layout) === printed;
  return { text: isEnough ? light : withLineEndsOf(text, printed), warnings };
}

function upgradedDocuments(text: string, file: string, warnings: Problem[]): readonly Document[] {
  const { documents, lines } = parseDocuments(text);
  const tell: Tell = (at, message, hint) => {
    const offset = isScalar(at) ? (at.range?.[0] ?? 0) : 0;
    const { line, col } = lines.linePos(offset);
    const location = { file, line: Math.max(line, 1), column: Math.max(col, 1) };
    warnings.push({ code: 'obsolete-key', severity: 'warning', message, location, hint });
  };
  for (const document of documents) {
    if (isMap(document.contents)) upgradeDocument(document.contents as Map, tell);
  }
  return documents;
}

function parseDocuments(text: string): {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
} {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    // With nothing else resolved all values are printed as they are written.
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag !== 'object' || tag.tag !== asWritten.tag),
      asWritten,
      'null',
    ],
    keepSourceTokens: true,
    resolveKnownTags: false,
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'silent',
  });
  for (const document of documents) visit(document, { Map: (_, map) => fillFlow(map) });
  return { documents: [...documents] as Document[], lines };
}

/** Of `{A: , B: }` the printer would make `{A:, B:}`, in which others read names that end in a colon. */
function fillFlow({ flow, items }: YAMLMap): void {
  if (flow !== true) return;
  for (const { value } of items) {
    if (isScalar(value) && value.value === null && value.source === '') value.source = 'null';
  }
}

function printDocuments(documents: readonly Document[], layout: Layout): string {
  const printed = documents.map((document, index) => {
    if (index > 0 && document.directives !== undefined) document.directives.docStart = true;
    return document.toString(layout);
  });
  return printed.join('');
}

function withLineEndsOf(text: string, printed: string): string {
  return text.includes('\r\n') ? printed.replaceAll('\n', '\r\n') : printed;
}

/** The text without the line of its version and what is blank below it. */
function withoutVersion(text: string): string {
  return text.replace(/^(?:version|'version'|"version")[ \t]*:[^\n]*(?:\n|$)(?:[ \t\r]*\n)*/gm, '');
}

/** Text as the printer writes it, but folded text keeps its line breaks. */
const asWritten: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (value) => value,
  stringify: (item, context, onComment, onChompKeep) => {
    const header = item.type === 'BLOCK_FOLDED' && item.comment == null ? headerOf(item) : undefined;
    const source = item.srcToken?.type === 'block-scalar' ? item.srcToken.source : '';
    if (header === undefined || source.trim() === '' || context.indent === '') {
      return stringifyString(item as Scalar<string>, context, onComment, onChompKeep);
    }
    const lines = source.trimEnd().split(/\r?\n/);
    const indent = /^ */.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
    const body = lines.map((line) => (line.trim() === '' ? '' : `${context.indent}${line.slice(indent)}`));
    return [header, ...body].join('\n');
  },
};

/** `>` or `>-`; of text that needs more to be read back, the printer takes care. */
function headerOf({ srcToken }: Scalar): string | undefined {
  if (srcToken?.type !== 'block-scalar') return undefined;
  const header = srcToken.props.find(({ type }) => type === 'block-scalar-header');
  return header !== undefined && 'source' in header && /^>-?$/.test(header.source)
    ? header.source
    : undefined;
}

type Map = YAMLMap<unknown, unknown>;
type Item = Pair<unknown, unknown>;
type Tell = (at: unknown, message: string, hint: string) => void;

type Layout = ReturnType<typeof layoutOf>;

/** How the text is laid out, for the printer. */
function layoutOf(text: string) {
  const indents = text.matchAll(/^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)[^\s-]/gm);
  const indent = indents.next().value?.[1]?.length ?? 2;
  const listBesideKey = /^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n\1- /m.test(text);
  return {
    lineWidth: 0,
    minContentWidth: 0,
    nullStr: '',
    indent: Math.min(indent, 8),
    // The printer puts lists beside their key only where two blanks are one step.
    indentSeq: indent !== 2 || !listBesideKey,
    flowCollectionPadding: !/[{[][^\s{}[\]][^\n]*[^\s{}[\]][}\]]/.test(text),
  } as const;
}

function upgradeDocument(top: Map, tell: Tell): void {
  const isFirst = !isMap(valueIn(top, 'services')) && looseServices(top).length > 0;
  if (isFirst) gatherServices(top);
  if (!isMap(valueIn(top, 'version'))) drop(top, 'version');
  const services = valueIn(top, 'services');
  const names = isMap(services) ? services.items.map(nameOf) : [];
  const context: Context = { top, names, isFirst, tell };
  for (const { value } of isMap(services) ? services.items : []) {
    if (isMap(value)) upgradeService(value, context);
  }
  for (const section of ['networks', 'volumes', 'configs', 'secrets']) {
    const parts = valueIn(top, section);
    for (const { value } of isMap(parts) ? parts.items : []) if (isMap(value)) upgradeExternal(value);
  }
}

interface Context {
  readonly top: Map;
  readonly names: readonly string[];
  /** The file was one of version 1. */
  readonly isFirst: boolean;
  readonly tell: Tell;
}

/** In version 1 services stand at the top. */
function looseServices(top: Map): Item[] {
  return top.items.filter(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const isService = isMap(value) && (value.has('image') || value.has('build') || value.has('extends'));
    return isService || (isMap(value) && !name.startsWith('x-') && !topLevelKeys.includes(name));
  });
}

function gatherServices(top: Map): void {
  const loose = looseServices(top);
  const at = top.items.indexOf(loose[0] as Item);
  const services = new YAMLMap<unknown, unknown>();
  const key = new Scalar('services');
  const first = loose[0]?.key;
  if (isScalar(first)) {
    key.spaceBefore = first.spaceBefore === true;
    first.spaceBefore = false;
  }
  services.items.push(...loose);
  const others = top.items.filter((item) => !loose.includes(item) && nameOf(item) !== 'services');
  const before = others.filter((item) => top.items.indexOf(item) < at);
  top.items = [
    ...before,
    new Pair<unknown, unknown>(key, services),
    ...others.filter((item) => !before.includes(item)),
  ];
}

function upgradeService(service: Map, context: Context): void {
  upgradeBuild(service);
  upgradeLogging(service);
  upgradeNetwork(service, context);
  upgradeVolumes(service, context);
  upgradeVolumesFrom(service, context);
  const other = valueIn(service, 'extends');
  const file = isMap(other) ? valueIn(other, 'file') : undefined;
  if (context.isFirst && isScalar(file)) {
    context.tell(
      file,
      `the file \`${String(file.value)}\` may be one of version 1, too`,
      'upgrade it on its own',
    );
  }
}

/** `build: .` and `dockerfile: X` beside it. */
function upgradeBuild(service: Map): void {
  const build = find(service, 'build');
  const dockerfile = find(service, 'dockerfile');
  if (build === undefined || dockerfile === undefined || isMap(build.value)) return;
  const parts = new YAMLMap<unknown, unknown>();
  parts.items.push(new Pair<unknown, unknown>(new Scalar('context'), build.value), dockerfile);
  build.value = parts;
  service.items.splice(service.items.indexOf(dockerfile), 1);
}

/** `log_driver` and `log_opt`. */
function upgradeLogging(service: Map): void {
  const pairs = service.items.filter((item) => ['log_driver', 'log_opt'].includes(nameOf(item)));
  const [first] = pairs;
  if (first === undefined) return;
  const key = new Scalar('logging');
  if (isScalar(first.key)) key.spaceBefore = first.key.spaceBefore === true;
  const logging = new YAMLMap<unknown, unknown>();
  service.items.splice(service.items.indexOf(first), 1, new Pair<unknown, unknown>(key, logging));
  service.items = service.items.filter((item) => !pairs.includes(item));
  for (const pair of pairs) {
    rename(pair, nameOf(pair) === 'log_driver' ? 'driver' : 'options');
    if (isScalar(pair.key)) pair.key.spaceBefore = false;
    logging.items.push(pair);
  }
}

/** `net`. */
function upgradeNetwork(service: Map, { names }: Context): void {
  const net = find(service, 'net');
  if (net === undefined) return;
  rename(net, 'network_mode');
  const shared = isScalar(net.value) ? /^container:(.+)$/.exec(String(net.value.value))?.[1] : undefined;
  if (shared !== undefined && names.includes(shared)) (net.value as Scalar).value = `service:${shared}`;
}

/** Named volumes have to be declared; in version 1 they had no project name before theirs. */
function upgradeVolumes(service: Map, context: Context): void {
  const driver = find(service, 'volume_driver');
  const volumes = valueIn(service, 'volumes');
  const named = isSeq(volumes) ? volumes.items.flatMap(volumeName) : [];
  if (driver !== undefined) {
    service.items = service.items.filter((item) => item !== driver);
    if (named.length === 0) {
      const hint = 'declare a volume with this driver under `volumes:` and mount it by its name';
      context.tell(
        driver.key,
        '`volume_driver` is dropped: the service mounts no volume that has a name',
        hint,
      );
    }
  }
  if (!context.isFirst && driver === undefined) return;
  for (const name of named) declareVolume(name, driver?.value, context);
}

function declareVolume(name: string, driver: unknown, { top, isFirst }: Context): void {
  let declared = valueIn(top, 'volumes');
  if (!isMap(declared)) {
    drop(top, 'volumes');
    declared = new YAMLMap<unknown, unknown>();
    const key = new Scalar('volumes');
    key.spaceBefore = true;
    top.items.push(new Pair<unknown, unknown>(key, declared));
  }
  const known = find(declared as Map, name);
  const volume = isMap(known?.value) ? known.value : new YAMLMap<unknown, unknown>();
  // One that is there already has its driver.
  if (volume.has('external')) return;
  if (known === undefined && isFirst)
    volume.items.push(new Pair<unknown, unknown>(new Scalar('name'), new Scalar(name)));
  if (driver !== undefined && !volume.has('driver')) {
    const text = isScalar(driver) ? String(driver.value) : '';
    volume.items.push(new Pair<unknown, unknown>(new Scalar('driver'), new Scalar(text)));
  }
  if (known === undefined) (declared as Map).items.push(new Pair<unknown, unknown>(new Scalar(name), volume));
  else if (!isMap(known.value) && !isAlias(known.value)) known.value = volume;
}

/** The volume that `NAME:TARGET` mounts; a path or a variable is none. */
function volumeName(item: unknown): string[] {
  const text = isScalar(item) ? String(item.value) : '';
  const name = /^([A-Za-z0-9][\w.-]+):/.exec(text)?.[1];
  return name === undefined ? [] : [name];
}

/** In version 1 the name of a container could stand for that of a service. */
function upgradeVolumesFrom(service: Map, { names, isFirst }: Context): void {
  const others = valueIn(service, 'volumes_from');
  if (!isFirst || !isSeq(others)) return;
  for (const item of others.items) {
    if (!isScalar(item)) continue;
    const text = String(item.value);
    const name = text.replace(/:(?:ro|rw)$/, '');
    if (!names.includes(name) && !name.startsWith('container:') && !name.includes('$'))
      item.value = `container:${text}`;
  }
}

/** `external: {name: X}`. */
function upgradeExternal(part: Map): void {
  const external = find(part, 'external');
  if (external === undefined || !isMap(external.value)) return;
  const name = find(external.value, 'name');
  external.value = new Scalar('true');
  if (name === undefined) return;
  part.items = part.items.filter((item) => nameOf(item) !== 'name');
  part.items.splice(part.items.indexOf(external), 0, name);
}

function find(map: Map, name: string): Item | undefined {
  return map.items.find((item) => nameOf(item) === name);
}

function valueIn(map: Map, name: string): unknown {
  return find(map, name)?.value;
}

function nameOf(item: unknown): string {
  return isPair(item) && isScalar(item.key) ? String(item.key.value) : '';
}

function rename(item: Item, name: string): void {
  if (isScalar(item.key)) item.key.value = name;
}

/** Takes a key away; the comment above it goes to the next one. */
function drop(map: Map, name: string): void {
  const at = map.items.findIndex((item) => nameOf(item) === name);
  if (at === -1) return;
  const [item] = map.items.splice(at, 1);
  const next = map.items[at]?.key;
  if (!isScalar(item?.key) || !isScalar(next)) return;
  const comments = [item.key.commentBefore, next.commentBefore].filter((comment) => comment);
  if (comments.length > 0) next.commentBefore = comments.join(next.spaceBefore ? '\n\n' : '\n');
  next.spaceBefore = item.key.spaceBefore === true;
}
