import type { Location } from '../model/problem.ts';

/**
 * A value and where it was written. The stages of loading turn trees of nodes into trees of nodes, so that a problem
 * found late still has its place; only `toPlain` lets go of the places.
 */
export type Node =
  | TextNode
  | NumberNode
  | BooleanNode
  | DateNode
  | EmptyNode
  | BrokenNode
  | ListNode
  | MapNode;

interface Base {
  readonly location: Location;
  /** `!reset` takes a value of an earlier file away, `!override` keeps it from being merged. */
  readonly tag?: 'reset' | 'override';
  /** The value of an earlier file that this one took the place of. */
  readonly replaced?: Node;
}

export interface TextNode extends Base {
  readonly kind: 'text';
  readonly value: string;
  /** The text as it stands in the file, quotes and all; only where it has a `$` that a problem may point to. */
  readonly written?: string;
  /** Unquoted, with quotes behind a `=`, which are part of the value: `NAME="VALUE"`. */
  readonly keepsQuotes?: true;
}

export interface NumberNode extends Base {
  readonly kind: 'number';
  readonly value: number;
  readonly integer: boolean;
  /** As Docker Compose prints it where text is wanted: `0x1F` is `31`, `1.10` is `1.1`. */
  readonly text: string;
  /** As it stands in the file, if that is another text. */
  readonly written?: string;
}

export interface BooleanNode extends Base {
  readonly kind: 'boolean';
  readonly value: boolean;
  /** As it stands in the file, if that is neither `true` nor `false`. */
  readonly written?: string;
}

/** An unquoted date. Nothing in a stack is a date, so it only serves to say so. */
export interface DateNode extends Base {
  readonly kind: 'date';
  readonly value: string;
}

export interface EmptyNode extends Base {
  readonly kind: 'empty';
}

/** A value that is wrong. */
export interface BrokenNode extends Base {
  readonly kind: 'broken';
  /** What is to be said if no other file replaces the value; absent once it has been said. */
  readonly complain?: () => void;
}

export interface ListNode extends Base {
  readonly kind: 'list';
  readonly items: readonly Node[];
  /** One of two forms of the same value, kept because variables are not replaced. */
  readonly asWritten?: true;
  /** The one file that has it has a map. */
  readonly wasMap?: true;
}

export interface MapNode extends Base {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  /** See `ListNode`. */
  readonly asWritten?: true;
}

export interface Entry {
  readonly value: Node;
  /** Where the key stands. */
  readonly at: Location;
}

/** The tag, if there is one, for spreading into a node made out of another. */
export function tagOf(node: Node): { tag?: 'reset' | 'override' } {
  return node.tag === undefined ? {} : { tag: node.tag };
}

export function textNode(value: string, like: Node): TextNode {
  return { kind: 'text', value, location: like.location };
}

export function numberNode(value: number, like: Node): NumberNode {
  return {
    kind: 'number',
    value,
    integer: Number.isInteger(value),
    text: String(value),
    location: like.location,
  };
}

export function booleanNode(value: boolean, like: Node): BooleanNode {
  return { kind: 'boolean', value, location: like.location };
}

export function listNode(items: readonly Node[], like: Node): ListNode {
  return { kind: 'list', items, location: like.location, ...tagOf(like) };
}

export function mapNode(entries: ReadonlyMap<string, Entry>, like: Node): MapNode {
  return { kind: 'map', entries, location: like.location, ...tagOf(like) };
}

/** A map out of fixed keys; those without a value are left out. */
export function record(values: Readonly<Record<string, Node | undefined>>, like: Node): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) entries.set(key, { value, at: value.location });
  }
  return mapNode(entries, like);
}

/** The text of a scalar where Docker Compose takes any scalar for text, else `undefined`. */
export function scalarText(node: Node): string | undefined {
  switch (node.kind) {
    case 'text':
      return node.value;
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    default:
      return undefined;
  }
}

/** True if a variable, or what may be one, stands in the value. */
export function hasVariable(node: Node): boolean {
  if (node.kind === 'text') return node.value.includes('$');
  if (node.kind === 'list') return node.items.some(hasVariable);
  return node.kind === 'map' && [...node.entries.values()].some(({ value }) => hasVariable(value));
}

/** What a value is, in words that follow "found". */
export function describe(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.value === '' ? 'an empty text' : `the text \`${shorten(node.value)}\``;
    case 'number':
      return `the number ${node.written ?? node.text}`;
    case 'boolean':
      return `the boolean ${node.written ?? node.value}`;
    case 'date':
      return `the date ${node.value}`;
    case 'list':
      return node.items.length === 0 ? 'an empty list' : 'a list';
    case 'map':
      return node.entries.size === 0 ? 'an empty map' : 'a map';
    default:
      return 'nothing';
  }
}

function shorten(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length < text.length || line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
