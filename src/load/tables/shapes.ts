import {
  booleanNode,
  describe,
  type Entry,
  listNode,
  mapNode,
  type Node,
  type NumberNode,
  numberNode,
  textNode,
} from '../node.ts';
import { broken, complain, type Place } from '../report.ts';
import { printDuration, readDuration } from './duration.ts';
import { arrivingText } from './misread.ts';
import { type JsonSchema, listOf, mapOf, mergeMaps, replace, type Shape, wrongType } from './shape.ts';
import { readSize } from './size.ts';
import { splitWords } from './words.ts';

/** Text, and nothing that only looks like it. */
export const text: Shape = {
  read: (node, place) => (node.kind === 'text' ? node : wrongType(node, place, 'text')),
  merge: replace,
  schema: { type: 'string' },
  keepsForm: true,
};

/** How editors check text of a form; variables may stand in it. */
export function textLike(form: string): JsonSchema {
  return { type: 'string', pattern: `^(${form})$|\\$` };
}

/** Text that must match a pattern; `expected` follows "must be". */
export function matching(pattern: RegExp, expected: string, hint?: string): Shape {
  return {
    ...text,
    read: (node, place) => {
      if (node.kind !== 'text') return text.read(node, place);
      if (pattern.test(node.value)) return node;
      return invalid(node, place, expected, hint);
    },
    schema: { type: 'string', pattern: pattern.source },
  };
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): Shape {
  const expected = `one of ${words.map((word) => `\`${word}\``).join(', ')}`;
  return {
    ...text,
    read: (node, place) => {
      if (node.kind !== 'text') return wrongType(node, place, expected);
      return words.includes(node.value) ? node : invalid(node, place, expected);
    },
    schema: { enum: words },
  };
}

/** Text; a whole number is taken for text. */
export const textOrNumber: Shape = {
  read: (node, place) => {
    if (node.kind === 'number' && node.integer) return textNode(node.text, node);
    return node.kind === 'text' ? node : wrongType(node, place, 'text or a whole number');
  },
  merge: replace,
  schema: { type: ['string', 'integer'] },
  keepsForm: true,
};

const booleanWords: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  y: true,
  yes: true,
  on: true,
  n: false,
  no: false,
  off: false,
};

function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** True or false; `yes`, `no`, `on`, `off`, `y` and `n` are accepted with a warning. */
export const flag: Shape = {
  read: (node, place) => {
    if (node.kind === 'boolean') return node;
    if (node.kind !== 'text') return wrongType(node, place, '`true` or `false`');
    const word = node.value.toLowerCase();
    const value = Object.hasOwn(booleanWords, word) ? booleanWords[word] : undefined;
    if (value === undefined) return wrongType(node, place, '`true` or `false`');
    if (word !== 'true' && word !== 'false') {
      complain(place, node, {
        code: 'invalid-value',
        severity: 'warning',
        message: `\`${node.value}\` is no boolean in YAML 1.2`,
        hint: `write \`${value}\``,
      });
    }
    return booleanNode(value, node);
  },
  merge: replace,
  schema: {
    oneOf: [{ type: 'boolean' }, textLike(`(${Object.keys(booleanWords).map(inAnyCase).join('|')})`)],
  },
  keepsForm: true,
};

/** True or false, and no text that says so. */
export const strictFlag: Shape = {
  read: (node, place) => (node.kind === 'boolean' ? node : wrongType(node, place, '`true` or `false`')),
  merge: replace,
  schema: { type: 'boolean' },
  keepsForm: true,
};

interface WholeOptions {
  readonly min?: number;
  readonly max?: number;
  readonly asText?: false;
  /** `1.0` and `1e3` are no whole numbers. */
  readonly exact?: true;
  /** What stands behind the point is dropped. */
  readonly cut?: true;
}

/** A whole number, also as decimal text, so that it can come out of a variable. */
export function whole(options: WholeOptions = {}): Shape {
  const { min = -Infinity, max = Infinity } = options;
  const expected = `a whole number${rangeOf(options)}`;
  return {
    read: (node, place) => {
      const value = wholeValue(node, options);
      if (value === undefined || !Number.isSafeInteger(value)) return wrongType(node, place, expected);
      return value < min || value > max ? invalid(node, place, expected) : numberNode(value, node);
    },
    merge: replace,
    schema: wholeSchema(options),
    keepsForm: true,
  };
}

function rangeOf({ min, max }: WholeOptions): string {
  if (max !== undefined) return ` from ${min} to ${max}`;
  return min === undefined ? '' : ` from ${min} on`;
}

function wholeValue(node: Node, { asText, exact, cut }: WholeOptions): number | undefined {
  if (node.kind === 'text') return asText === false ? undefined : readWhole(node.value);
  if (node.kind !== 'number' || (exact && !node.integer)) return undefined;
  return cut ? Math.trunc(node.value) + 0 : node.value;
}

function wholeSchema({ min, max, asText, cut }: WholeOptions): JsonSchema {
  const number = {
    type: cut ? 'number' : 'integer',
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
  return asText === false ? number : { oneOf: [number, textLike('[-+]?[0-9]+')] };
}

function readWhole(value: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(value) ? Number(value) : undefined;
}

/** The access mode of a file: a number, or text with its octal digits. */
export const fileMode: Shape = {
  read: (node, place) => {
    if (node.kind === 'number' && node.integer && node.value >= 0) return node;
    const octal = node.kind === 'text' && /^[0-7]+$/.test(node.value);
    if (!octal) return wrongType(node, place, 'an octal number such as `0440`');
    return numberNode(Number.parseInt(node.value, 8), node);
  },
  merge: replace,
  schema: {
    oneOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^[0-7]+$' },
    ],
  },
  keepsForm: true,
};

interface SizeOptions {
  readonly min?: number;
  /** A number with a fraction is an error. */
  readonly exact?: true;
}

/** A number of bytes, also as text with a unit. */
export function size(options: SizeOptions = {}): Shape {
  const expected = 'a size such as `64m` or `1.5g`';
  return {
    read: (node, place) => {
      if (node.kind === 'text') return sizeText.read(node, place);
      if (node.kind !== 'number') return wrongType(node, place, expected);
      if (!node.integer && (!options.exact || Number.isInteger(node.value))) return droppedSize(node, place);
      if (!Number.isSafeInteger(node.value)) return wrongType(node, place, expected);
      return node.value < (options.min ?? -Infinity) ? invalid(node, place, expected) : node;
    },
    merge: replace,
    schema: { oneOf: [{ type: 'integer' }, sizeText.schema] },
    keepsForm: true,
  };
}

/** Docker Compose 2.40.3 takes a size with a point or an exponent for none at all, and so do the hashes. */
function droppedSize(node: NumberNode, place: Place): Node {
  complain(place, node, {
    code: 'invalid-value',
    severity: 'warning',
    message: `\`${place.path}\` is ignored, as ${node.text} is neither a whole number of bytes nor has a unit`,
    hint: 'write it with a unit, for example `1.5g`',
  });
  return numberNode(0, node);
}

/** A size that must be text. */
export const sizeText: Shape = {
  read: (node, place) => {
    if (node.kind !== 'text') return wrongType(node, place, 'text such as `64m`');
    const expected = 'a size such as `64m` or `1.5g`';
    const bytes = readSize(node.value);
    if (bytes === undefined) return invalid(node, place, expected, 'units are b, k, m, g and t');
    return numberNode(bytes, node);
  },
  merge: replace,
  schema: textLike('[+-]?[0-9._]+([eE][-+]?[0-9]+)? ?[bkmgtpBKMGTP]?[iI]?[bB]?'),
  keepsForm: true,
};

/** A duration with units, printed back in Go's form. */
export const duration: Shape = {
  read: (node, place) => {
    if (node.kind !== 'text') {
      const unit = node.kind === 'number' ? { hint: `add a unit: \`${node.text}s\`` } : {};
      if (node.kind === 'broken') return node;
      const message = `\`${place.path}\` must be a duration such as \`1m30s\`, but here is ${describe(node)}`;
      return broken(place, node, { code: 'wrong-type', message, ...unit });
    }
    const nanoseconds = readDuration(node.value);
    if (nanoseconds !== undefined) return textNode(printDuration(nanoseconds), node);
    const bare = /^[0-9.]+$/.test(node.value);
    const hint = bare ? `add a unit: \`${node.value}s\`` : 'units are us, ms, s, m, h, d and w';
    return invalid(node, place, 'a duration such as `1m30s`', hint);
  },
  merge: replace,
  schema: textLike('[-+]?(0|([0-9.]+(ns|us|µs|μs|ms|s|m|h|d|w))+)'),
  keepsForm: true,
};

/** A command: a list of words, or text that is split into words. Empty clears what the image has. */
export const command: Shape = {
  read: (node, place) => {
    if (node.kind === 'empty') return node;
    if (node.kind === 'list') return textList.read(node, place);
    if (node.kind !== 'text') return wrongType(node, place, 'text or a list of words');
    const words = splitWords(node.value);
    if (words === undefined) {
      const hint = 'check quotes and parentheses, or write a list of words';
      return invalid(node, place, 'a command that can be split into words', hint);
    }
    return listNode(
      words.map((word) => textNode(word, node)),
      node,
    );
  },
  merge: replace,
  schema: { oneOf: [{ type: 'null' }, { type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  takesEmpty: true,
  keepsForm: true,
};

/** The test of a healthcheck: text is run by a shell. */
export const healthTest: Shape = {
  read: (node, place) => {
    if (node.kind === 'text') return listNode([textNode('CMD-SHELL', node), node], node);
    if (node.kind !== 'list')
      return wrongType(node, place, 'text or a list that begins with CMD, CMD-SHELL or NONE');
    const list = textList.read(node, place);
    const first = list.kind === 'list' ? list.items[0] : undefined;
    if (first?.kind === 'text' && !['CMD', 'CMD-SHELL', 'NONE'].includes(first.value)) {
      return broken(place, first, {
        code: 'invalid-value',
        message: `\`${place.path}\` must begin with CMD, CMD-SHELL or NONE, but here is \`${first.value}\``,
        hint: 'put `CMD` first to run the words as they are',
      });
    }
    return list;
  },
  merge: replace,
  schema: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  keepsForm: true,
};

/** The text of an item, by which lists of text are made unique. */
export function sameText(node: Node): string | undefined {
  return node.kind === 'text' ? node.value : undefined;
}

const textList: Shape = listOf(text, { expected: 'a list of text' });

/** A list of text where an item that is there already is not added again. */
export const uniqueTexts: Shape = listOf(text, { expected: 'a list of text', unique: sameText });

/** Text, or a list of text, where an item that is there already is not added again. */
export function textsOrOne(orOne: 'kept' | 'listed'): Shape {
  return listOf(text, { expected: 'text or a list of text', unique: sameText, orOne });
}

/** Options of a driver: a map of text; numbers are taken for text. */
export function options(bare: 'refused' | 'blank'): Shape {
  return mapOf({
    read: (node, place) => {
      if (node.kind === 'empty' && bare === 'blank') return textNode('', node);
      if (node.kind === 'number') return textNode(arrivingText(node, place) ?? '', node);
      return node.kind === 'text' ? node : wrongType(node, place, 'text or a number');
    },
    merge: replace,
    keepsForm: true,
    schema: { type: bare === 'blank' ? ['string', 'number', 'null'] : ['string', 'number'] },
    ...(bare === 'blank' ? { takesEmpty: true as const } : {}),
  });
}

/** Names for a service's peers: a list of names becomes a map of them. */
export function namedMap(options: {
  readonly value: Shape;
  readonly expected: string;
  /** What a name in a list stands for. */
  readonly short: (name: Node) => Node;
}): Shape {
  const map = mapOf(options.value);
  return {
    read: (node, place) => {
      if (node.kind === 'map') return map.read(node, place);
      if (node.kind !== 'list') return wrongType(node, place, options.expected);
      const names = distinctTexts.read(node, place);
      if (names.kind !== 'list') return names;
      const entries = new Map<string, Entry>();
      for (const name of names.items) {
        if (name.kind !== 'text') continue;
        const value = map.read(
          mapNode(new Map([[name.value, { value: options.short(name), at: name.location }]]), node),
          place,
        );
        const entry = value.kind === 'map' ? value.entries.get(name.value) : undefined;
        if (entry !== undefined) entries.set(name.value, entry);
      }
      return mapNode(entries, node);
    },
    merge: (base, over) => mergeMaps(base, over, () => options.value),
    schema: { oneOf: [{ type: 'array', items: { type: 'string' } }, map.schema] },
  };
}

export const distinctTexts: Shape = listOf(text, { expected: 'a list of text', distinct: true });

/** A problem of a value of the right kind. */
export function invalid(node: Node, place: Place, expected: string, hint?: string): Node {
  const message = `\`${place.path}\` must be ${expected}, but here is ${describe(node)}`;
  return broken(place, node, { code: 'invalid-value', message, ...(hint === undefined ? {} : { hint }) });
}
