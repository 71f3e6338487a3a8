import { CST } from 'yaml';
import type { Location } from '../../model/problem.ts';
import type { Entry, MapNode, Node } from '../node.ts';
import type { Report } from '../report.ts';
import { tellLookalikes } from './characters.ts';
import { type Handles, tagName } from './directives.ts';
import { endOf, hasLineEnd, malformed, type Properties, placeOfNothing, propertiesOf } from './properties.ts';
import { readScalar } from './scalar.ts';
import { template } from './syntax.ts';

/** How many values a document may have once its aliases are written out, as Docker Compose 5 has it. */
export const visitLimit = 100_000;

/** How deep values may be nested: what walks over them calls itself. */
export const depthLimit = 500;

export const tooDeep = {
  message: 'values are nested too deeply',
  hint: `${depthLimit} levels are the most`,
};

/** How long an implicit key may be. */
const keyLimit = 1024;

interface Anchor {
  /** Absent while the value is being read: an alias to it from inside is a circle. */
  node?: Node;
  size: number;
  /** How many levels of values it has. */
  height: number;
  /** What aliases do not have, by the places where it stands. */
  readonly lostResets: Map<Location, string>;
}

/** What stands for a value, and where; without a token, none was written. */
interface Written {
  readonly token: CST.Token | null | undefined;
  readonly before: Properties;
  /** What stands before it. */
  readonly tokens: readonly CST.SourceToken[] | undefined;
}

/** A key that was read; what it says is told after what is wrong with its value. */
interface Key {
  readonly at: Location;
  /** Where it ends, without the comments behind it. */
  readonly end: number;
  readonly token: CST.Token | null | undefined;
  /** Absent for what is no scalar. */
  readonly text?: string;
  readonly isPlain: boolean;
  readonly tag: string | undefined;
}

/** A map that is being read. */
interface Pairs {
  readonly entries: Map<string, Entry>;
  readonly merged: Node[];
  mergeKey?: Location;
}

/** Makes the nodes of one document out of what the parser has read. */
export class DocumentReader {
  readonly #text: string;
  readonly #locate: (offset: number) => Location;
  readonly #report: Report;
  readonly #handles: Handles;
  readonly #isAscii: boolean;
  readonly #anchors = new Map<string, Anchor>();
  #visited = 0;
  #depth = 0;
  /** The deepest level since the anchor that is being read began. */
  #deepest = 0;
  /** Above 0 inside of what has no effect, and only has to be YAML. */
  #ignored = 0;
  #isRoot = true;
  /** Where the value that was read last ends. */
  #end = 0;
  /** Where the blanks and comments behind it end. */
  #behind = 0;

  constructor(text: string, locate: (offset: number) => Location, report: Report, handles: Handles) {
    this.#text = text;
    this.#locate = locate;
    this.#report = (problem) => {
      if (this.#ignored === 0) report(problem);
    };
    this.#handles = handles;
    this.#isAscii = !/[^\0-\x7f]/.test(text);
  }

  /** The value of a document. Throws `Malformed` if it is not valid YAML. */
  read({ offset, start, value, end }: CST.Document): Node {
    const before = propertiesOf(start, {
      sign: 'doc-start',
      next: value ?? end?.[0],
      offset,
      indent: 0,
      atLineStart: true,
    });
    if (before.sign !== undefined && isBlock(value) && !before.hasLineEnd) malformed();
    const node = this.#value({ token: value, before, tokens: start });
    endOf(end, this.#behind, false);
    return node;
  }

  #value(written: Written): Node {
    const { token, before } = written;
    if (token?.type === 'alias') {
      this.#readAlias(token, before);
      return this.#alias(token);
    }
    if (before.anchor === undefined) return this.#counted(written);
    const name = anchorName(before.anchor);
    if (this.#ignored > 0) return this.#counted(written);
    const anchor: Anchor = { size: 0, height: 0, lostResets: new Map() };
    this.#anchors.set(name, anchor);
    const [visited, deepest] = [this.#visited, this.#deepest];
    this.#deepest = this.#depth;
    const node = this.#counted(written);
    anchor.node = withoutResets(node, anchor.lostResets);
    anchor.size = this.#visited - visited;
    anchor.height = this.#deepest - this.#depth;
    this.#deepest = Math.max(deepest, this.#deepest);
    return node;
  }

  #counted(written: Written): Node {
    const { token, before, tokens } = written;
    const place = token ? token.offset : placeOfNothing(before.end, tokens);
    const location = this.#locate(place);
    return this.#within(location, () => {
      const tag = this.#tagOf(before);
      const node = this.#untagged(written, tag, location);
      const ofStack = stackTag(tag);
      return ofStack === undefined ? node : { ...node, tag: ofStack };
    });
  }

  /** Reads a value one level further in; if there are too many values, only to see that it is YAML. */
  #within(location: Location, read: () => Node): Node {
    const isCounted = this.#visit(1, location);
    if (!isCounted) this.#ignored++;
    this.#depth++;
    if (isCounted) this.#deepest = Math.max(this.#deepest, this.#depth);
    const node = read();
    this.#depth--;
    if (isCounted) return node;
    this.#ignored--;
    return { kind: 'broken', location };
  }

  #tagOf({ tag }: Properties): string | undefined {
    return tag === undefined ? undefined : tagName(tag.source, this.#handles);
  }

  #untagged({ token, before, tokens }: Written, tag: string | undefined, location: Location): Node {
    switch (token?.type) {
      case undefined: {
        this.#end = placeOfNothing(before.end, tokens);
        this.#behind = before.hasComment ? before.end : this.#end;
        return this.#scalar('', true, tag, location, this.#end);
      }
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'block-scalar': {
        const value = this.#textOf(token);
        return this.#scalar(value, token.type === 'scalar', tag, location, token.offset);
      }
      case 'block-map':
        return this.#blockMap(token, location);
      case 'block-seq':
        checkLineOf(before);
        return this.#blockList(token, location);
      case 'flow-collection':
        return token.start.source === '{' ? this.#flowMap(token, location) : this.#flowList(token, location);
      default:
        return malformed();
    }
  }

  #scalar(value: string, isPlain: boolean, tag: string | undefined, location: Location, begin: number): Node {
    if (isPlain && !this.#isAscii) tellLookalikes(value, location, this.#report);
    const node = readScalar(value, isPlain, tag, location);
    if (node.kind !== 'text') return node;
    const keepsQuotes = isPlain && /["']$/.test(value) && /^[^=]*=(["']).*\1$/s.test(value);
    const written = value.includes('$') ? this.#text.slice(begin, this.#end) : undefined;
    if (!keepsQuotes && written === undefined) return node;
    return { ...node, ...(keepsQuotes && { keepsQuotes }), ...(written !== undefined && { written }) };
  }

  /** The text of a scalar as YAML has it. */
  #textOf(token: CST.FlowScalar | CST.BlockScalar): string {
    if (token.type === 'block-scalar') {
      const isRoot = this.#isRoot;
      // That what is in no collection need not be indented is not known to this function of the library.
      const { value, range } = CST.resolveAsScalar(token, true, (_, code) => {
        if (!isRoot || code !== 'BAD_INDENT') malformed();
      });
      [, this.#end, this.#behind] = range;
      return value;
    }
    const { source, type, offset, end } = token;
    this.#end = offset + source.length;
    this.#behind = end === undefined ? this.#end : endOf(end, this.#end, true);
    const quote = type === 'single-quoted-scalar' ? "'" : '"';
    if (type === 'scalar') {
      if (/^[\t,%|>@`]/.test(source)) malformed();
      if (!source.includes('\n')) return source;
    } else if (source.length > 1 && source.endsWith(quote) && !/[\n\\]/.test(source)) {
      const inside = source.slice(1, -1);
      return quote === "'" ? inside.replaceAll("''", "'") : inside;
    }
    return CST.resolveAsScalar(token, true, malformed).value;
  }

  #blockMap({ offset: begin, indent, items }: CST.BlockMap, location: Location): MapNode {
    this.#isRoot = false;
    const pairs: Pairs = { entries: new Map(), merged: [] };
    let offset = begin;
    let commentEnd: number | undefined;
    for (const { start, key: token, sep, value } of items as readonly CST.CollectionItem[]) {
      const next = token ?? sep?.[0];
      const before = propertiesOf(start, {
        sign: 'explicit-key-ind',
        next,
        offset,
        indent,
        atLineStart: true,
      });
      const isImplicit = before.sign === undefined;
      if (isImplicit) {
        if (token && (token.type === 'block-seq' || ('indent' in token && token.indent !== indent)))
          malformed();
        if (before.anchor === undefined && before.tag === undefined && sep === undefined) {
          commentEnd = before.end;
          continue;
        }
        if (before.lineEndBehind !== undefined || hasLineEnd(token)) malformed();
      } else if (before.sign?.indent !== indent) malformed();
      const key = this.#key({ token, before, tokens: start });
      const behind = propertiesOf(sep ?? [], {
        sign: 'map-value-ind',
        next: value,
        offset: this.#behind,
        indent,
        atLineStart: !token || token.type === 'block-scalar',
      });
      if (isImplicit) {
        if (behind.sign === undefined || behind.sign.offset - before.start > keyLimit) malformed();
        if (value?.type === 'block-map' && !behind.hasLineEnd) malformed();
      }
      this.#put(pairs, key, this.#valueOf(key, { token: value, before: behind, tokens: sep }));
      offset = behind.sign === undefined ? behind.end : this.#behind;
    }
    if (commentEnd !== undefined && commentEnd < offset) malformed();
    this.#end = offset;
    this.#behind = commentEnd ?? offset;
    return this.#mapOf(pairs, location);
  }

  #blockList({ offset: begin, indent, items }: CST.BlockSequence, location: Location): Node {
    this.#isRoot = false;
    const values: Node[] = [];
    let offset = begin;
    let commentEnd: number | undefined;
    for (const { start, value } of items) {
      const before = propertiesOf(start, {
        sign: 'seq-item-ind',
        next: value,
        offset,
        indent,
        atLineStart: true,
      });
      if (before.sign === undefined) {
        if (before.anchor !== undefined || before.tag !== undefined || value) malformed();
        commentEnd = before.end;
        continue;
      }
      values.push(this.#value({ token: value, before, tokens: start }));
      offset = this.#behind;
    }
    this.#end = offset;
    this.#behind = commentEnd ?? offset;
    return { kind: 'list', items: values, location };
  }

  #flowMap(flow: CST.FlowCollection, location: Location): MapNode {
    const pairs: Pairs = { entries: new Map(), merged: [] };
    this.#flow(flow, (item, before) => {
      const key = this.#key({ token: item.key, before, tokens: item.start });
      this.#put(pairs, key, this.#flowValue(key, item, flow.indent));
    });
    return this.#mapOf(pairs, location);
  }

  #flowList(flow: CST.FlowCollection, location: Location): Node {
    const values: Node[] = [];
    this.#flow(flow, (item, before) => {
      const { start, key: token, sep, value } = item;
      const isImplicit = before.sign === undefined;
      if (isImplicit && hasLineEnd(token)) malformed();
      if (isImplicit && sep === undefined) {
        if (isBlock(value)) malformed();
        values.push(this.#value({ token: value, before, tokens: sep }));
        return;
      }
      const key = this.#key({ token, before, tokens: start });
      values.push(
        this.#within(key.at, () => {
          const pairs: Pairs = { entries: new Map(), merged: [] };
          this.#put(pairs, key, this.#flowValue(key, item, flow.indent, isImplicit ? before : undefined));
          return this.#mapOf(pairs, key.at);
        }),
      );
    });
    return { kind: 'list', items: values, location };
  }

  /** Goes over what is between brackets. */
  #flow(flow: CST.FlowCollection, read: (item: CST.CollectionItem, before: Properties) => void): void {
    this.#isRoot = false;
    const { items, indent, start: bracket, end } = flow;
    let offset = flow.offset + bracket.source.length;
    for (const [index, item] of items.entries()) {
      const { start, key, sep, value } = item;
      const before = propertiesOf(start, {
        sign: 'explicit-key-ind',
        next: key ?? sep?.[0],
        offset,
        indent,
        atLineStart: false,
        inFlow: true,
      });
      const { sign, anchor, tag, comma } = before;
      const isNothing = [sign, anchor, tag, sep, value].every((one) => one === undefined);
      // A comma stands between two items, and behind the last one if one likes.
      if (index === 0 ? comma !== undefined : isNothing ? index < items.length - 1 : comma === undefined)
        malformed();
      if (isNothing) {
        offset = before.end;
        continue;
      }
      read(item, before);
      offset = this.#behind;
    }
    const [close, ...others] = end;
    if (close?.source !== (bracket.source === '{' ? '}' : ']')) malformed();
    this.#end = close.offset + close.source.length;
    this.#behind = endOf(others, this.#end, true);
  }

  /** The value of a key between brackets. `beforeKey` is given for a pair in a list, which is on one line. */
  #flowValue(key: Key, { sep, value }: CST.CollectionItem, indent: number, beforeKey?: Properties): Node {
    if (isBlock(key.token) || isBlock(value)) malformed();
    const behind = propertiesOf(sep ?? [], {
      sign: 'map-value-ind',
      next: value,
      offset: this.#behind,
      indent,
      atLineStart: false,
      inFlow: true,
    });
    const { sign } = behind;
    if (sign === undefined) {
      if (value) malformed();
    } else if (beforeKey !== undefined) {
      const isLineEnded = sep?.slice(0, sep.indexOf(sign)).some(({ type }) => type === 'newline');
      if (isLineEnded || sign.offset - beforeKey.start > keyLimit) malformed();
    }
    const node = this.#valueOf(key, { token: value, before: behind, tokens: sep });
    if (sign === undefined) this.#behind = behind.end;
    return node;
  }

  /** The value of a key; without a sign between them there is none. */
  #valueOf(key: Key, written: Written): Node {
    if (written.before.sign !== undefined) return this.#value(written);
    return { kind: 'empty', location: this.#locate(key.end) };
  }

  #key({ token, before, tokens }: Written): Key {
    if (before.anchor !== undefined) anchorName(before.anchor);
    const offset = token ? token.offset : placeOfNothing(before.end, tokens);
    const at = this.#locate(offset);
    if (token?.type === 'alias') {
      this.#readAlias(token, before);
      return { at, end: this.#end, token, isPlain: false, tag: undefined };
    }
    const tag = this.#tagOf(before);
    if (!token) {
      this.#end = offset;
      this.#behind = before.hasComment ? before.end : offset;
      return { at, end: offset, token, text: '', isPlain: true, tag };
    }
    if (CST.isScalar(token)) {
      const text = this.#textOf(token);
      return { at, end: this.#end, token, text, isPlain: token.type === 'scalar', tag };
    }
    // It cannot be one; but what it is has to be YAML.
    this.#ignored++;
    this.#counted({ token, before, tokens });
    this.#ignored--;
    return { at, end: this.#end, token, isPlain: false, tag };
  }

  #put(pairs: Pairs, key: Key, value: Node): void {
    const { at } = key;
    if (key.text === '<<' && key.isPlain) {
      if (pairs.mergeKey !== undefined) this.#duplicate('<<', at, pairs.mergeKey);
      pairs.mergeKey ??= at;
      pairs.merged.push(...this.#mergeSources(value));
      return;
    }
    const name = this.#nameOf(key);
    if (name === undefined) return;
    const known = pairs.entries.get(name);
    if (known === undefined) pairs.entries.set(name, { value, at });
    else this.#duplicate(name, at, known.at);
  }

  /** Keys of the map itself win, then those of the source that is named first. */
  #mapOf({ entries, merged }: Pairs, location: Location): MapNode {
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

  #nameOf({ token, text, isPlain, tag, at }: Key): string | undefined {
    if (token?.type === 'alias') {
      const node = this.#alias(token);
      if (node.kind === 'text') return node.value;
    } else if (text !== undefined) {
      if (isPlain && !this.#isAscii) tellLookalikes(text, at, this.#report);
      const node = readScalar(text, isPlain, tag, at);
      if (node.kind === 'text') return node.value;
      this.#invalid(
        text === '' ? 'a key is missing here' : `the key \`${text}\` must be quoted to be text`,
        at,
      );
      return undefined;
    }
    const isTemplate = isMapToken(token) && this.#text[(token?.offset ?? 0) - 1] === '{';
    if (isTemplate) this.#invalid(template.message, at, template.hint);
    else this.#invalid('a key must be text', at);
    return undefined;
  }

  /** Notes where an alias ends. */
  #readAlias({ source, offset, end }: CST.FlowScalar, { anchor, tag }: Properties): void {
    if (anchor !== undefined || tag !== undefined || source === '*') malformed();
    this.#end = offset + source.length;
    this.#behind = endOf(end, this.#end, true);
  }

  #alias({ source, offset }: CST.FlowScalar): Node {
    const name = source.slice(1);
    const location = this.#locate(offset);
    if (this.#ignored > 0) return { kind: 'broken', location };
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

  #tellLostReset(key: string, location: Location): void {
    this.#report({
      code: 'no-effect',
      severity: 'warning',
      message: `this \`!reset\` of \`${key}\` has no effect where an alias stands for the value it is in`,
      location,
      hint: 'write it where it is to work, without an anchor',
    });
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

  /** False if it is too much, or in what is ignored. */
  #visit(count: number, location: Location): boolean {
    if (this.#ignored > 0 || this.#visited > visitLimit) return false;
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

function isBlock(token: CST.Token | null | undefined): boolean {
  return token?.type === 'block-map' || token?.type === 'block-seq';
}

function isMapToken(token: CST.Token | null | undefined): boolean {
  return token?.type === 'block-map' || (token?.type === 'flow-collection' && token.start.source === '{');
}

function anchorName({ source }: CST.SourceToken): string {
  return source === '&' ? malformed() : source.slice(1);
}

/** A list of lines cannot begin on the line of its anchor or tag. */
function checkLineOf({ anchor, tag, lineEndBehind }: Properties): void {
  if (anchor === undefined && tag === undefined) return;
  const last = Math.max(anchor?.offset ?? 0, tag?.offset ?? 0);
  if (lineEndBehind === undefined || lineEndBehind.offset < last) malformed();
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
