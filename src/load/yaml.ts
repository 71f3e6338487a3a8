import {
  type Alias,
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  Document as Tree,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Location, Problem } from '../model/problem.ts';
import type { Entry, MapNode, Node } from './node.ts';
import type { Report } from './report.ts';
import { readScalar } from './scalar.ts';
import { syntaxWords } from './syntax.ts';

/** How many values a document may have once its aliases are written out, as Docker Compose 5 has it. */
const visitLimit = 100_000;

/** How deep values may be nested: what walks over them calls itself. */
const depthLimit = 500;

type Parsed = ParsedNode | null;

/**
 * The documents of a YAML 1.2 file with merge keys. Syntax errors, keys written twice and aliases that lead nowhere or
 * to themselves are told as `invalid-yaml`. `undefined` for a syntax error: what follows one is mostly misread.
 */
export function parseYaml(written: string, file: string, report: Report): Node[] | undefined {
  // The parser does not know the line ends of old systems.
  const text = written.replace(/\r(?!\n)/g, '\n');
  const lines = new LineCounter();
  const locate = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tell = (problem: Pick<Problem, 'message' | 'hint'>, offset: number) =>
    report({ code: 'invalid-yaml', severity: 'error', ...problem, location: locate(offset) });
  const { trees, quotes, tooDeepAt } = compose(text, lines);
  if (tooDeepAt !== undefined) {
    tell(tooDeep, tooDeepAt);
    return undefined;
  }
  const nodes: Node[] = [];
  for (const tree of trees) {
    const error = tree.errors[0];
    if (error !== undefined) {
      const offset = error.pos[0];
      const quoteAt = quotes.findLast((start) => start < offset);
      const { at = offset, ...words } = syntaxWords(
        { code: error.code, message: error.message, offset, quoteAt },
        text,
      );
      tell({ ...words, message: `this is not valid YAML: ${words.message}` }, at);
      return undefined;
    }
    nodes.push(new Converter(text, locate, report).convert(tree.contents, 0));
  }
  return nodes;
}

interface Composed {
  readonly trees: readonly Tree.Parsed[];
  /** Where quoted texts begin. */
  readonly quotes: readonly number[];
  /** Where values are nested too deeply to be read. */
  readonly tooDeepAt?: number;
}

function compose(text: string, lines: LineCounter): Composed {
  const parser = new Parser(lines.addNewLine);
  // Scalars are read by ourselves: the rules of Docker Compose are neither those of YAML 1.1 nor of 1.2.
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const trees: Tree.Parsed[] = [];
  const quotes: number[] = [];
  lines.addNewLine(0);
  for (const word of new Lexer().lex(text)) {
    if (word.startsWith('"') || word.startsWith("'")) quotes.push(parser.offset);
    for (const token of parser.next(word)) trees.push(...(composer.next(token) as Iterable<Tree.Parsed>));
    if (parser.stack.length > depthLimit) return { trees: [], quotes, tooDeepAt: parser.offset };
  }
  for (const token of parser.end()) trees.push(...(composer.next(token) as Iterable<Tree.Parsed>));
  trees.push(...(composer.end() as Iterable<Tree.Parsed>));
  return { trees, quotes };
}

const tooDeep = { message: 'values are nested too deeply', hint: `${depthLimit} levels are the most` };

/** What a terminal obeys or does not show: controls, marks of the direction of writing, separators of lines. */
const unseen = /[\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** Writes characters that cannot be seen as `\uXXXX`. For text that only has them inside double quotes, such as JSON. */
export function escapeUnseen(text: string): string {
  return text.replace(unseen, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Prints plain data as YAML, long lines unbroken and characters that cannot be seen as escapes. */
export function printYaml(value: unknown): string {
  // With the rules of YAML 1.1 the printer quotes what other readers might take for a boolean or a number: `y`, `22:22`.
  const tree = new Tree(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(tree, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && escapeUnseen(scalar.value) !== scalar.value) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return escapeUnseen(tree.toString({ lineWidth: 0, nullStr: 'null' }));
}

interface Anchor {
  /** Absent while the value is being converted: an alias to it from inside is a circle. */
  node?: Node;
  size: number;
  /** How many levels of values it has. */
  height: number;
}

class Converter {
  readonly #text: string;
  readonly #locate: (offset: number) => Location;
  readonly #report: Report;
  readonly #anchors = new Map<string, Anchor>();
  #visited = 0;
  #depth = 0;
  /** The deepest level since the anchor that is being converted began. */
  #deepest = 0;

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
    const anchor: Anchor = { size: 0, height: 0 };
    this.#anchors.set(parsed.anchor, anchor);
    const { visited, deepest } = { visited: this.#visited, deepest: this.#deepest };
    this.#deepest = this.#depth;
    anchor.node = this.#value(parsed);
    anchor.size = this.#visited - visited;
    anchor.height = this.#deepest - this.#depth;
    this.#deepest = Math.max(deepest, this.#deepest);
    return anchor.node;
  }

  #value(parsed: Exclude<ParsedNode, Alias.Parsed>): Node {
    const location = this.#locate(parsed.range[0]);
    if (!this.#visit(1, location)) return { kind: 'broken', location };
    this.#depth++;
    this.#deepest = Math.max(this.#deepest, this.#depth);
    const node = this.#untagged(parsed, location);
    this.#depth--;
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
      const hint = 'if text is meant, put it in quotes';
      this.#invalid(`\`*${name}\` refers to an anchor that is not defined above it`, location, hint);
    } else if (anchor.node === undefined) {
      this.#invalid(`\`*${name}\` refers to the value it is a part of`, location);
    } else if (this.#depth + anchor.height > depthLimit) {
      this.#invalid(tooDeep.message, location, tooDeep.hint);
    } else if (this.#visit(anchor.size, location)) {
      this.#deepest = Math.max(this.#deepest, this.#depth + anchor.height);
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

  #invalid(message: string, location: Location, hint?: string): void {
    const more = hint === undefined ? {} : { hint };
    this.#report({ code: 'invalid-yaml', severity: 'error', message, location, ...more });
  }
}

function stackTag(tag: string | undefined): 'reset' | 'override' | undefined {
  if (tag === '!reset') return 'reset';
  return tag === '!override' ? 'override' : undefined;
}
