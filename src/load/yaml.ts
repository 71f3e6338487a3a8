import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  stringify,
  type YAMLMap,
} from 'yaml';
import type { Location } from '../model/problem.ts';
import type { Entry, MapNode, Node } from './node.ts';
import type { Report } from './report.ts';
import { readScalar } from './scalar.ts';

/** How many values a document may have once its aliases are written out, as Docker Compose 5 has it. */
const visitLimit = 100_000;

type Parsed = ParsedNode | null;

/**
 * The documents of a YAML 1.2 file with merge keys. Syntax errors, keys written twice and aliases that lead nowhere or
 * to themselves are told as `invalid-yaml`. `undefined` for a syntax error: what follows one is mostly misread.
 */
export function parseYaml(text: string, file: string, report: Report): Node[] | undefined {
  const lines = new LineCounter();
  // Scalars are read by ourselves: the rules of Docker Compose are neither those of YAML 1.1 nor of 1.2.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  }) as Document.Parsed[];
  const locate = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const nodes: Node[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) {
      report({
        code: 'invalid-yaml',
        severity: 'error',
        message: `this is not valid YAML: ${syntaxWords(error.message)}`,
        location: locate(error.pos[0]),
      });
      return undefined;
    }
    nodes.push(new Converter(text, locate, report).convert(document.contents, 0));
  }
  return nodes;
}

function syntaxWords(message: string): string {
  const open = /^Flow (sequence|map) in block collection/.exec(message)?.[1];
  if (open !== undefined) return `a \`${open === 'map' ? '{' : '['}\` is not closed before this place`;
  const line = message.split('\n', 1)[0] ?? '';
  return line.charAt(0).toLowerCase() + line.slice(1);
}

/** Prints plain data as YAML, long lines unbroken. */
export function printYaml(value: unknown): string {
  // With the rules of YAML 1.1 the printer quotes what other readers might take for a boolean or a number: `y`, `22:22`.
  return stringify(value, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false, nullStr: 'null' });
}

interface Anchor {
  /** Absent while the value is being converted: an alias to it from inside is a circle. */
  node?: Node;
  size: number;
}

class Converter {
  readonly #text: string;
  readonly #locate: (offset: number) => Location;
  readonly #report: Report;
  readonly #anchors = new Map<string, Anchor>();
  #visited = 0;

  constructor(text: string, locate: (offset: number) => Location, report: Report) {
    this.#text = text;
    this.#locate = locate;
    this.#report = report;
  }

  /** `fallback` is where a value that was not written would stand. */
  convert(parsed: Parsed, fallback: number): Node {
    if (parsed === null) return { kind: 'empty', location: this.#locate(fallback) };
    if (isAlias(parsed)) return this.#alias(parsed.source, parsed.range[0]);
    if (parsed.anchor === undefined) return this.#value(parsed);
    const anchor: Anchor = { size: 0 };
    this.#anchors.set(parsed.anchor, anchor);
    const before = this.#visited;
    anchor.node = this.#value(parsed);
    anchor.size = this.#visited - before;
    return anchor.node;
  }

  #value(parsed: Exclude<ParsedNode, Alias.Parsed>): Node {
    const location = this.#locate(parsed.range[0]);
    if (!this.#visit(1, location)) return { kind: 'broken', location };
    const node = this.#untagged(parsed, location);
    const tag = stackTag(parsed.tag);
    return tag === undefined ? node : { ...node, tag };
  }

  #untagged(parsed: ParsedNode, location: Location): Node {
    if (isMap(parsed)) return this.#map(parsed as YAMLMap.Parsed, location);
    if (isSeq(parsed)) {
      const items = parsed.items.map((value) => this.convert(value as Parsed, parsed.range[0]));
      return { kind: 'list', items, location };
    }
    if (!isScalar(parsed)) return { kind: 'empty', location };
    const value = parsed.source ?? '';
    const plain = parsed.type === 'PLAIN' || parsed.type === undefined;
    const node = readScalar(value, plain, parsed.tag, location);
    if (node.kind !== 'text' || !node.value.includes('$')) return node;
    return { ...node, written: this.#text.slice(parsed.range[0], parsed.range[1]) };
  }

  #map(map: YAMLMap.Parsed, location: Location): MapNode {
    const entries = new Map<string, Entry>();
    const merged: Node[] = [];
    let mergeKey: Location | undefined;
    for (const pair of map.items) {
      const at = this.#locate(pair.key?.range[0] ?? map.range[0]);
      const value = this.convert(pair.value as Parsed, pair.key?.range[1] ?? map.range[1]);
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        if (mergeKey !== undefined) this.#duplicate('<<', at, mergeKey);
        mergeKey ??= at;
        merged.push(...this.#mergeSources(value));
        continue;
      }
      const key = this.#key(pair.key as Parsed, at);
      if (key === undefined) continue;
      const known = entries.get(key);
      if (known === undefined) entries.set(key, { value, at });
      else this.#duplicate(key, at, known.at);
    }
    // Keys of the map itself win, then those of the source that is named first.
    for (const source of merged) {
      if (source.kind !== 'map') continue;
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: 'map', entries, location };
  }

  #mergeSources(value: Node): readonly Node[] {
    const sources = value.kind === 'list' ? value.items : [value];
    for (const source of sources) {
      if (source.kind !== 'map' && source.kind !== 'broken') {
        this.#invalid('`<<` takes a map, or a list of maps', source.location);
      }
    }
    return sources;
  }

  #key(parsed: Parsed, at: Location): string | undefined {
    if (isAlias(parsed)) {
      const node = this.#alias(parsed.source, parsed.range[0]);
      if (node.kind === 'text') return node.value;
    } else if (isScalar(parsed)) {
      const { source = '' } = parsed;
      const node = readScalar(source, parsed.type === 'PLAIN', parsed.tag, at);
      if (node.kind === 'text') return node.value;
      this.#invalid(
        source === '' ? 'a key is missing here' : `the key \`${source}\` must be quoted to be text`,
        at,
      );
      return undefined;
    }
    this.#invalid('a key must be text', at);
    return undefined;
  }

  #alias(name: string, offset: number): Node {
    const location = this.#locate(offset);
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      this.#invalid(`\`*${name}\` refers to an anchor that is not defined above it`, location);
    } else if (anchor.node === undefined) {
      this.#invalid(`\`*${name}\` refers to the value it is a part of`, location);
    } else if (this.#visit(anchor.size, location)) {
      return anchor.node;
    }
    return { kind: 'broken', location };
  }

  #visit(count: number, location: Location): boolean {
    if (this.#visited > visitLimit) return false;
    this.#visited += count;
    if (this.#visited <= visitLimit) return true;
    this.#invalid(`with its aliases written out, this document has more than ${visitLimit} values`, location);
    return false;
  }

  #duplicate(key: string, at: Location, first: Location): void {
    this.#report({
      code: 'invalid-yaml',
      severity: 'error',
      message: `the key \`${key}\` is there twice`,
      location: at,
      hint: 'remove one of them',
      related: [{ message: 'first here', location: first }],
    });
  }

  #invalid(message: string, location: Location): void {
    this.#report({ code: 'invalid-yaml', severity: 'error', message, location });
  }
}

function stackTag(tag: string | undefined): 'reset' | 'override' | undefined {
  if (tag === '!reset') return 'reset';
  return tag === '!override' ? 'override' : undefined;
}
