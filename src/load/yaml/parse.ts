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
  type Document as Tree,
  type YAMLMap,
} from 'yaml';
import type { Location, Problem } from '../../model/problem.ts';
import type { Entry, MapNode, Node } from '../node.ts';
import type { Report } from '../report.ts';
import { tellLookalikes } from './characters.ts';
import { readScalar } from './scalar.ts';
import { syntaxWords, template } from './syntax.ts';

/** How many values a document may have once its aliases are written out, as Docker Compose 5 has it. */
const visitLimit = 100_000;

/** How deep values may be nested: what walks over them calls itself. */
const depthLimit = 500;

/** How many words and signs a file may have: more than so many values need, and what the parser can hold in memory. */
const wordLimit = 8 * visitLimit;

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
  const { trees, quotes, unclosed, excess } = compose(text, lines);
  if (excess !== undefined) {
    const { at, ...problem } = excess;
    tell(problem, at);
    return undefined;
  }
  const nodes: Node[] = [];
  for (const tree of trees) {
    const error = tree.errors[0];
    if (error !== undefined) {
      const offset = error.pos[0];
      const before = (starts: readonly number[]) => starts.findLast((start) => start < offset);
      const [quoteAt, bracketAt] = [before(quotes), before(unclosed)];
      const { code, message } = error;
      const { at = offset, ...words } = syntaxWords({ code, message, offset, quoteAt, bracketAt }, text);
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
  /** Where brackets begin that are not closed. */
  readonly unclosed: readonly number[];
  /** What there is too much of to be read, and where. */
  readonly excess?: { readonly message: string; readonly hint: string; readonly at: number };
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
  const brackets: number[] = [];
  const unclosed: number[] = [];
  const composed = { trees, quotes, unclosed };
  let words = 0;
  lines.addNewLine(0);
  for (const word of new Lexer().lex(text)) {
    if (!/^[\s#]/.test(word)) words++;
    if (words > wordLimit) return { ...composed, excess: { ...tooMuch, at: parser.offset } };
    if (word.startsWith('"') || word.startsWith("'")) quotes.push(parser.offset);
    else if (word === '[' || word === '{') brackets.push(parser.offset);
    else if (word === ']' || word === '}') brackets.pop();
    else if (word === flowBreak) unclosed.push(...brackets.splice(0).slice(-1));
    for (const token of parser.next(word)) trees.push(...(composer.next(token) as Iterable<Tree.Parsed>));
    if (parser.stack.length > depthLimit) return { ...composed, excess: { ...tooDeep, at: parser.offset } };
  }
  unclosed.push(...brackets.slice(-1));
  for (const token of parser.end()) trees.push(...(composer.next(token) as Iterable<Tree.Parsed>));
  trees.push(...(composer.end() as Iterable<Tree.Parsed>));
  return composed;
}

/** What the lexer says where a line that is not indented ends an open bracket. */
const flowBreak = '\u0018';

const tooMuch = {
  message: 'the file is too large, and is not read from here on',
  hint: `${wordLimit} words and signs are the most`,
};

const tooDeep = { message: 'values are nested too deeply', hint: `${depthLimit} levels are the most` };

interface Anchor {
  /** Absent while the value is being converted: an alias to it from inside is a circle. */
  node?: Node;
  size: number;
  /** How many levels of values it has. */
  height: number;
  /** What aliases do not have, by the places where it stands. */
  readonly lostResets: Map<Location, string>;
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
    const anchor: Anchor = { size: 0, height: 0, lostResets: new Map() };
    this.#anchors.set(parsed.anchor, anchor);
    const { visited, deepest } = { visited: this.#visited, deepest: this.#deepest };
    this.#deepest = this.#depth;
    const node = this.#value(parsed);
    anchor.node = withoutResets(node, anchor.lostResets);
    anchor.size = this.#visited - visited;
    anchor.height = this.#deepest - this.#depth;
    this.#deepest = Math.max(deepest, this.#deepest);
    return node;
  }

  #tellLostReset(key: string, location: Location): void {
    this.#report({
      code: 'no-effect',
      severity: 'warning',
      message: `this \`!reset\` of \`${key}\` has no effect where an alias stands for the value it is in`,
      location,
      hint: 'write it where it is to work, without an anchor',
    });
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
    if (plain) tellLookalikes(value, location, this.#report);
    const node = readScalar(value, plain, parsed.tag, location);
    if (node.kind !== 'text') return node;
    const keepsQuotes = plain && /^[^=]*=(["']).*\1$/s.test(value);
    const written = value.includes('$') ? this.#text.slice(parsed.range[0], parsed.range[1]) : undefined;
    if (!keepsQuotes && written === undefined) return node;
    return { ...node, ...(keepsQuotes && { keepsQuotes }), ...(written !== undefined && { written }) };
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
        const meant = source.kind === 'text' && this.#anchors.has(source.value);
        const hint = meant ? `write \`<<: *${source.value}\`` : undefined;
        this.#invalid('`<<` takes a map, or a list of maps', source.location, hint);
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
      if (parsed.type === 'PLAIN') tellLookalikes(source, at, this.#report);
      const node = readScalar(source, parsed.type === 'PLAIN', parsed.tag, at);
      if (node.kind === 'text') return node.value;
      this.#invalid(
        source === '' ? 'a key is missing here' : `the key \`${source}\` must be quoted to be text`,
        at,
      );
      return undefined;
    }
    const isTemplate = isMap(parsed) && this.#text[parsed.range[0] - 1] === '{';
    if (isTemplate) this.#invalid(template.message, at, template.hint);
    else this.#invalid('a key must be text', at);
    return undefined;
  }

  #alias(name: string, offset: number): Node {
    const location = this.#locate(offset);
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      this.#unknownAnchor(name, offset, location);
    } else if (anchor.node === undefined) {
      this.#invalid(`\`*${name}\` refers to the value it is a part of`, location);
    } else if (this.#depth + anchor.height > depthLimit) {
      this.#invalid(tooDeep.message, location, tooDeep.hint);
    } else if (this.#visit(anchor.size, location)) {
      for (const [at, key] of anchor.lostResets) this.#tellLostReset(key, at);
      anchor.lostResets.clear();
      this.#deepest = Math.max(this.#deepest, this.#depth + anchor.height);
      return anchor.node;
    }
    return { kind: 'broken', location };
  }

  #unknownAnchor(name: string, offset: number, location: Location): void {
    const later = this.#text.indexOf(`&${name}`, offset);
    this.#report({
      code: 'invalid-yaml',
      severity: 'error',
      message: `\`*${name}\` refers to an anchor that is not defined above it`,
      location,
      ...(later === -1
        ? { hint: 'if text is meant, put it in quotes' }
        : {
            hint: 'move the value with the anchor up',
            related: [{ message: 'the anchor', location: this.#locate(later) }],
          }),
    });
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

/** A `!reset` inside a value with an anchor works where the anchor stands; as in Docker Compose 2.40.3 aliases lack it. */
function withoutResets(node: Node, lost: Map<Location, string>): Node {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => withoutResets(item, lost)) };
  if (node.kind !== 'map') return node;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    if (entry.value.tag === 'reset') lost.set(entry.at, key);
    else entries.set(key, { ...entry, value: withoutResets(entry.value, lost) });
  }
  return { ...node, entries };
}

function stackTag(tag: string | undefined): 'reset' | 'override' | undefined {
  if (tag === '!reset') return 'reset';
  return tag === '!override' ? 'override' : undefined;
}
