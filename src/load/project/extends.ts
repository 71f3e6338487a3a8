import { didYouMean } from '../../model/nearest.ts';
import type { Entry, Node, TextNode } from '../node.ts';
import { dirname, homeIn, hostPath, shownFrom, wayTo } from '../paths.ts';
import { complain, type Place, within } from '../report.ts';
import { childOf } from '../tables/shape.ts';
import { askedBy, type Level } from './level.ts';
import { changeAt, withPaths } from './relative.ts';
import { locate } from './remote.ts';
import { openDocument, readAskedFor, readDocument, type Source } from './sources.ts';
import { entryOf, isThere, mergeServices, untagged, withoutEntry, wrap } from './tree.ts';

/** The services that can be extended: those of a document, or those of another file. */
interface Origin {
  /** The path of another file; blank for the document. */
  readonly key: string;
  /** Its directory is what files are relative to that its services name. */
  readonly level: Level;
  readonly names: readonly string[];
  /** The service in its long form, told about as the service `as` of the stack. */
  readonly find: (name: string, as: string) => Promise<Node | undefined>;
}

/** A service that extends or is extended. */
interface Link {
  readonly key: string;
  readonly name: string;
  /** The service of the stack as which it is told about. */
  readonly toldAs: string;
  readonly origin: Origin;
  readonly service: Node;
}

/** The document where each service that extends another one has the attributes of that as well. */
export async function withExtended(document: Node, level: Level): Promise<Node> {
  const services = entryOf(document, 'services');
  if (document.kind !== 'map' || services?.value.kind !== 'map') return document;
  const { value: map } = services;
  const origin: Origin = {
    key: '',
    level,
    names: [...map.entries.keys()],
    find: async (name) => map.entries.get(name)?.value,
  };
  const chains = new Chains(level);
  const entries = new Map<string, Entry>();
  for (const [name, entry] of map.entries) {
    entries.set(name, { ...entry, value: await chains.follow(name, entry.value, origin) });
  }
  const extended = { ...services, value: { ...map, entries } };
  return { ...document, entries: new Map(document.entries).set('services', extended) };
}

/** Follows services to what they extend. One service extends one other, so that each way is a line. */
class Chains {
  readonly #level: Level;
  readonly #done = new Map<string, Node>();
  readonly #files = new Map<string, Origin | undefined>();
  /** The services of the stack as which those of files were told about, by key. */
  readonly #toldAs = new Map<string, string>();

  constructor(level: Level) {
    this.#level = level;
  }

  /** The service with what it takes over. A line can be longer than calls can be nested. */
  async follow(name: string, service: Node, origin: Origin): Promise<Node> {
    const links = new Map<string, Link>();
    let next: Link | undefined = { key: keyOf(origin, name), name, toldAs: name, origin, service };
    let base: Node | undefined;
    while (next !== undefined) {
      base = this.#done.get(next.key);
      if (base !== undefined) break;
      if (links.has(next.key)) {
        this.#tellCircle([...links.values(), next], name);
        break;
      }
      links.set(next.key, next);
      next = await this.#next(next, name);
    }
    for (const { key, service: over, origin } of [...links.values()].reverse()) {
      // Docker Compose takes nothing over from an empty service, and keeps what it was asked for.
      if (base?.kind === 'broken') base = withFile(over, origin.level);
      else base = base === undefined ? withoutExtends(over) : inherit(base, over);
      this.#done.set(key, base);
    }
    return base ?? service;
  }

  /** What a service extends; `undefined` if nothing, or if that was told as a problem. */
  async #next({ name: own, toldAs: ownAs, service, origin }: Link, as: string): Promise<Link | undefined> {
    const extending = isThere(service) ? childOf(service, 'extends') : undefined;
    const named = extending && isThere(extending) ? childOf(extending, 'service') : undefined;
    if (named?.kind !== 'text') return undefined;
    const file = childOf(extending, 'file');
    const from = file?.kind === 'text' ? await this.#open(file, origin, as) : origin;
    if (from === undefined) return undefined;
    const name = named.value;
    const key = keyOf(from, name);
    const toldAs = this.#toldAs.get(key) ?? (from.key === '' ? name : as);
    this.#toldAs.set(key, toldAs);
    this.#note(ownAs, toldAs);
    const found = this.#done.get(key) ?? (await from.find(name, toldAs));
    if (found !== undefined && isThere(found)) return { key, name, toldAs, origin: from, service: found };
    this.#tellMissing(named, from, from === origin ? own : '', placeOf(as, origin));
    return undefined;
  }

  async #open(file: TextNode, { level }: Origin, as: string): Promise<Origin | undefined> {
    const place = within(placeOf(as, { level }), 'file');
    const path = await locate(file, place, level);
    if (path === undefined) return undefined;
    if (this.#files.has(path)) return this.#files.get(path);
    const report = askedBy(level.report, `\`${as}\` extends a service of that file`, file.location);
    const source = await readAskedFor(path, file, place, { ...level, report });
    const opened = source && originOf(source, { ...this.#level, report });
    this.#files.set(path, opened);
    return opened;
  }

  #note(service: string, base: string): void {
    const { inherited } = this.#level.shared;
    const bases = inherited.get(service) ?? new Set();
    inherited.set(service, bases.add(base));
  }

  #tellMissing(named: TextNode, { key, names }: Origin, own: string, place: Place): void {
    const file = key === '' ? 'this file' : shownFrom(this.#level.directory, key);
    complain(within(place, 'service'), named, {
      code: 'undefined-reference',
      message: `there is no service \`${named.value}\` in ${file} to extend`,
      ...(key === '' && { hint: 'if it is in another file, name that as `file`' }),
      ...didYouMean(
        named.value,
        names.filter((other) => other !== own),
      ),
    });
  }

  #tellCircle(links: readonly Link[], as: string): void {
    const last = links.at(-1);
    const circle = links.slice(links.findIndex((link) => link.key === last?.key));
    const extendsOf = ({ service }: Link) => childOf(service, 'extends') ?? service;
    const [first, ...others] = circle.slice(0, -1);
    if (first === undefined) return;
    // That they lack what they would have taken over follows from that.
    for (const link of others) this.#note(link.toldAs, as);
    complain(placeOf(as, first.origin), extendsOf(first), {
      code: 'dependency-cycle',
      message: `services extend each other in a circle: ${shortened(circle.map((link) => link.name))}`,
      hint: 'remove one of these `extends`',
      related: others.slice(0, shownAtMost).map((link) => ({
        message: `\`${link.name}\` extends the next one`,
        location: extendsOf(link).location,
      })),
    });
  }
}

/** Circles can be long. */
const shownAtMost = 10;

function shortened(names: readonly string[]): string {
  const shown =
    names.length > shownAtMost ? [...names.slice(0, shownAtMost - 2), '…', ...names.slice(-1)] : names;
  return shown.join(' → ');
}

function keyOf(origin: Origin, name: string): string {
  return `${origin.key}\0${name}`;
}

/** A service with what it takes over: its own attributes win, and its tag is about earlier files alone. */
function inherit(base: Node, over: Node): Node {
  if (!isThere(over)) return over;
  const { tag, ...own } = withoutExtends(over);
  const merged = mergeServices(withoutExtends(untagged(base)), own);
  return tag === undefined ? merged : { ...merged, tag };
}

function withoutExtends(service: Node): Node {
  if (service.kind !== 'map') return service;
  const extending = service.entries.get('extends')?.value;
  // What is empty has been looked for in vain, whatever other files have.
  for (const node of [extending, entryOf(extending, 'service')?.value]) {
    if (node?.kind === 'broken') node.complain?.();
  }
  return withoutEntry(service, 'extends');
}

function withFile(service: Node, { directory, variables }: Level): Node {
  return changeAt(service, ['extends', 'file'], (file) =>
    file.kind === 'text' ? { ...file, value: hostPath(file.value, directory, homeIn(variables)) } : file,
  );
}

/** The services of another file. Of those that nobody extends only the variables are looked at. */
function originOf({ path, documents }: Source, level: Level): Origin {
  const opened = documents.map((document) => entryOf(openDocument(document, level), 'services')?.value);
  const maps = opened.filter((services) => services?.kind === 'map');
  const directory = dirname(path);
  const base = { folder: wayTo(level.directory, directory), variables: level.variables };
  return {
    key: path,
    level: { ...level, directory },
    names: maps.flatMap((services) => [...services.entries.keys()]),
    find: async (name, as) => {
      let found: Node | undefined;
      for (const services of maps) {
        const service = services.entries.get(name)?.value;
        if (service === undefined) continue;
        const read = readService(service, as, level);
        found = found === undefined ? read : mergeServices(found, read);
      }
      if (found === undefined || !isThere(found)) return undefined;
      const resolved = withPaths(wrap('services', wrap(as, found)), base);
      return entryOf(entryOf(resolved, 'services')?.value, as)?.value;
    },
  };
}

function readService(service: Node, as: string, level: Level): Node {
  const read = readDocument(wrap('services', wrap(as, service)), level);
  return entryOf(entryOf(read, 'services')?.value, as)?.value ?? service;
}

/** Where a service of the stack says what it extends. */
function placeOf(service: string, { level }: Pick<Origin, 'level'>): Place {
  return within(within({ path: 'services', report: level.report }, service), 'extends');
}
