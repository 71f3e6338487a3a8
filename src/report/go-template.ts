import { nearest } from '../model/nearest.ts';
import { failure } from '../model/problem.ts';

/** A value that a template sees: text, a number, a list, or a record whose functions take arguments. */
export type TemplateValue = unknown;

export interface Template {
  /** The text with the values of one record. Throws `ProblemsError` for a field that there is not. */
  render(data: Readonly<Record<string, TemplateValue>>): string;
}

/**
 * The part of Go's templates that people write behind `--format`: fields, pipelines, the functions of Docker, and `if`,
 * `range` and `with`. Throws `ProblemsError` for what it cannot read; variables and nested templates are such.
 */
export function parseTemplate(source: string): Template {
  const pieces = split(source.replaceAll('\\t', '\t').replaceAll('\\n', '\n'));
  const nodes = parseNodes(pieces, []);
  if (pieces.length > 0) throw invalid(`unexpected {{${pieces[0]?.text}}}`);
  return { render: (data) => renderAll(nodes, { dot: data, top: data }) };
}

interface Piece {
  readonly kind: 'text' | 'action';
  readonly text: string;
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipeline: Pipeline;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    };

type Pipeline = readonly Command[];
type Command = readonly Operand[];
type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'field'; readonly root: boolean; readonly path: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly path: readonly string[] };

interface Scope {
  readonly dot: TemplateValue;
  /** What `$` stands for. */
  readonly top: TemplateValue;
}

/** Text and actions; `{{-` and `-}}` take the blanks beside them away. */
function split(source: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = source;
  for (;;) {
    const start = rest.indexOf('{{');
    if (start < 0) break;
    const action =
      /^\{\{(-\s)?((?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[\s\S]*?\*\/|(?!\}\})[^"`])*?)(\s-)?\}\}/.exec(
        rest.slice(start),
      );
    if (action === null) throw invalid('unclosed action');
    const [whole, trimsBefore, text = '', trimsAfter] = action;
    const before = rest.slice(0, start);
    pieces.push({ kind: 'text', text: trimsBefore === undefined ? before : before.trimEnd() });
    if (!text.trim().startsWith('/*')) pieces.push({ kind: 'action', text: text.trim() });
    rest = rest.slice(start + whole.length);
    if (trimsAfter !== undefined) rest = rest.trimStart();
  }
  pieces.push({ kind: 'text', text: rest });
  return pieces.filter(({ kind, text }) => kind === 'action' || text !== '');
}

/** Takes pieces up to one of the words that end a block, which stays. */
function parseNodes(pieces: Piece[], ends: readonly string[]): Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const [piece] = pieces;
    if (piece === undefined) {
      if (ends.length > 0) throw invalid('unexpected EOF: {{end}} is missing');
      return nodes;
    }
    const [word = '', ...more] = piece.kind === 'action' ? piece.text.split(/\s+/) : [];
    if (piece.kind === 'action' && ends.includes(word)) return nodes;
    pieces.shift();
    if (piece.kind === 'text') nodes.push({ kind: 'text', text: piece.text });
    else if (word === 'if' || word === 'range' || word === 'with')
      nodes.push(parseBlock(word, piece.text.slice(word.length), pieces));
    else if (word === 'end' || word === 'else') throw invalid(`unexpected {{${[word, ...more].join(' ')}}}`);
    else nodes.push({ kind: 'value', pipeline: parsePipeline(piece.text) });
  }
}

function parseBlock(kind: 'if' | 'range' | 'with', condition: string, pieces: Piece[]): Node {
  const pipeline = parsePipeline(condition);
  const then = parseNodes(pieces, ['else', 'end']);
  const stop = pieces.shift()?.text ?? '';
  if (stop === 'end') return { kind, pipeline, then, otherwise: [] };
  const chained = /^else\s+(if|with)\b([\s\S]*)$/.exec(stop);
  if (chained !== null) {
    const [, word, next = ''] = chained;
    return { kind, pipeline, then, otherwise: [parseBlock(word as 'if' | 'with', next, pieces)] };
  }
  const otherwise = parseNodes(pieces, ['end']);
  pieces.shift();
  return { kind, pipeline, then, otherwise };
}

const tokenPattern =
  /\s*("(?:\\.|[^"\\])*"|`[^`]*`|-?\d+(?:\.\d+)?|\$?(?:\.[A-Za-z_]\w*)+|\$|\.|[A-Za-z_]\w*|[()|])/y;

function parsePipeline(text: string): Pipeline {
  const tokens = tokensOf(text);
  const pipeline = readPipeline(tokens, text);
  if (tokens.length > 0) throw invalid(`unexpected "${tokens[0]}" in {{${text}}}`);
  return pipeline;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  const end = text.trimEnd().length;
  while (tokenPattern.lastIndex < end) {
    const at = tokenPattern.lastIndex;
    const token = tokenPattern.exec(text)?.[1];
    if (token === undefined) throw invalid(`unexpected "${text.slice(at).trim()}" in {{${text.trim()}}}`);
    tokens.push(token);
  }
  return tokens;
}

function readPipeline(tokens: string[], text: string): Pipeline {
  const commands: Command[] = [];
  let command: Operand[] = [];
  const finish = (): void => {
    if (command.length === 0) throw invalid(`missing value in {{${text.trim()}}}`);
    commands.push(command);
    command = [];
  };
  while (tokens.length > 0 && tokens[0] !== ')') {
    const token = tokens.shift() ?? '';
    if (token === '|') finish();
    else if (token === '(') command.push(readGroup(tokens, text));
    else command.push(operandOf(token));
  }
  finish();
  return commands;
}

function readGroup(tokens: string[], text: string): Operand {
  const pipeline = readPipeline(tokens, text);
  if (tokens.shift() !== ')') throw invalid(`a ) is missing in {{${text.trim()}}}`);
  const path = /^\.\w/.test(tokens[0] ?? '') ? (tokens.shift() ?? '').split('.').slice(1) : [];
  return { kind: 'group', pipeline, path };
}

function operandOf(token: string): Operand {
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: 'literal', value: unquote(token) };
  if (/^-?\d/.test(token)) return { kind: 'literal', value: Number(token) };
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (token === 'nil') return { kind: 'literal', value: undefined };
  if (/^[$.]/.test(token)) {
    const path = token.split('.').slice(1);
    return { kind: 'field', root: token.startsWith('$'), path: path.filter((part) => part !== '') };
  }
  return { kind: 'function', name: token };
}

function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw invalid(`cannot read the text ${token}`);
  }
}

function renderAll(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => render(node, scope)).join('');
}

function render(node: Node, scope: Scope): string {
  if (node.kind === 'text') return node.text;
  const value = evaluate(node.pipeline, scope);
  if (node.kind === 'value') return textOf(value);
  if (node.kind === 'range') {
    const items = Array.isArray(value) ? value : [];
    if (items.length > 0) return items.map((dot) => renderAll(node.then, { ...scope, dot })).join('');
  } else if (isTrue(value)) {
    return renderAll(node.then, node.kind === 'with' ? { ...scope, dot: value } : scope);
  }
  return renderAll(node.otherwise, scope);
}

function evaluate(pipeline: Pipeline, scope: Scope): TemplateValue {
  let value: TemplateValue;
  pipeline.forEach((command, index) => {
    value = run(command, index === 0 ? [] : [value], scope);
  });
  return value;
}

function run([first, ...others]: Command, piped: readonly TemplateValue[], scope: Scope): TemplateValue {
  if (first === undefined) return undefined;
  const values = (): TemplateValue[] => [...others.map((operand) => operandValue(operand, scope)), ...piped];
  if (first.kind === 'function') return callFunction(first.name, values());
  const value = operandValue(first, scope, values);
  return value;
}

function operandValue(operand: Operand, scope: Scope, args: () => TemplateValue[] = () => []): TemplateValue {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'function':
      return callFunction(operand.name, []);
    case 'group':
      return walk(evaluate(operand.pipeline, scope), operand.path, args);
    case 'field':
      return walk(operand.root ? scope.top : scope.dot, operand.path, args);
  }
}

function walk(from: TemplateValue, path: readonly string[], args: () => TemplateValue[]): TemplateValue {
  let value = from;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      throw unknownField(name, value);
    value = (value as Record<string, TemplateValue>)[name];
  }
  return typeof value === 'function' ? value(...args()) : value;
}

function callFunction(name: string, args: readonly TemplateValue[]): TemplateValue {
  const known = functions[name];
  if (known === undefined || !Object.hasOwn(functions, name)) {
    const near = nearest(name, Object.keys(functions));
    throw invalid(`function "${name}" not defined`, near === undefined ? undefined : `did you mean ${near}?`);
  }
  return known(...args);
}

const functions: Readonly<Record<string, (...args: TemplateValue[]) => TemplateValue>> = {
  json: (value) => JSON.stringify(value),
  lower: (value) => textOf(value).toLowerCase(),
  upper: (value) => textOf(value).toUpperCase(),
  title: (value) =>
    textOf(value).replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_, before, letter) => before + letter.toUpperCase(),
    ),
  split: (value, separator) => textOf(value).split(textOf(separator)),
  join: (list, separator) => (Array.isArray(list) ? list.map(textOf).join(textOf(separator)) : textOf(list)),
  pad: (value, before, after) => {
    const text = textOf(value);
    return text === '' ? '' : ' '.repeat(Number(before)) + text + ' '.repeat(Number(after));
  },
  truncate: (value, length) => textOf(value).slice(0, Number(length)),
  len: (value) => (Array.isArray(value) ? value.length : Buffer.byteLength(textOf(value))),
  index: (value, ...keys) => keys.reduce((inside: TemplateValue, key) => itemOf(inside, key), value),
  print: (...values) => values.map(textOf).join(''),
  println: (...values) => `${values.map(textOf).join(' ')}\n`,
  printf: (format, ...values) => formatted(textOf(format), values),
  eq: (value, ...others) => others.some((other) => other === value),
  ne: (a, b) => a !== b,
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  not: (value) => !isTrue(value),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
};

function itemOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (Array.isArray(value)) {
    if (typeof key === 'number' && key in value) return value[key];
    throw invalid(`index out of range: ${textOf(key)}`);
  }
  if (typeof value === 'object' && value !== null)
    return (value as Record<string, unknown>)[textOf(key)] ?? '';
  throw invalid(`can't index ${textOf(value)}`);
}

function compare(a: TemplateValue, b: TemplateValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function isTrue(value: TemplateValue): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function formatted(format: string, values: readonly TemplateValue[]): string {
  const left = [...values];
  return format.replace(/%(-?)(\d*)(?:\.\d+)?([a-z%])/g, (_, minus: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    const text = textOf(left.shift());
    const shown = verb === 'q' ? JSON.stringify(text) : text;
    return minus === '-' ? shown.padEnd(Number(width)) : shown.padStart(Number(width));
  });
}

/** As Go prints a value. */
function textOf(value: TemplateValue): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (typeof value === 'object') return `{${Object.values(value).map(textOf).join(' ')}}`;
  return String(value);
}

function unknownField(name: string, value: TemplateValue) {
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const near = nearest(name, known);
  const hint = near === undefined ? `the fields are ${known.join(', ')}` : `did you mean .${near}?`;
  return invalid(`can't evaluate field ${name}`, known.length === 0 ? undefined : hint);
}

function invalid(what: string, hint?: string) {
  return failure({
    code: 'invalid-option',
    message: `template parsing error: ${what}`,
    ...(hint === undefined ? {} : { hint }),
  });
}
