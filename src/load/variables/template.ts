/** What is wrong with a template, and which `$` of it is meant. */
export type TemplateFault =
  | { readonly kind: 'invalid'; readonly index: number }
  | { readonly kind: 'deep'; readonly index: number }
  | { readonly kind: 'required'; readonly index: number; readonly name: string; readonly words: string }
  | { readonly kind: 'unset'; readonly index: number; readonly name: string };

export interface TemplateContext {
  readonly lookup: (name: string) => string | undefined;
  readonly fault: (fault: TemplateFault) => void;
}

const operators = [':-', ':+', ':?', '-', '+', '?'] as const;
const named = /[A-Za-z_][A-Za-z0-9_]*/y;
const braced = /\{([A-Za-z_][A-Za-z0-9_]*)(:?[-+?])?/y;

/** How deep expressions may be nested: each level is a call. */
const depthLimit = 100;

/**
 * Replaces `$NAME`, `${NAME}` and the operators of `${NAME…}` as Docker Compose 2.40.3 does: nested, and defaults and
 * messages are expanded even when they are not used. `$$` is a dollar sign; a `$` that begins nothing stays.
 * Faults are told with the index of their `$` in the text; the text after an invalid expression is not looked at.
 */
export function expandTemplate(text: string, context: TemplateContext): string {
  return text.includes('$') ? expand(text, { offset: 0, depth: 0 }, context) : text;
}

interface Level {
  /** Where the text begins in the whole template. */
  readonly offset: number;
  readonly depth: number;
}

function expand(text: string, { offset, depth }: Level, context: TemplateContext): string {
  const lastBrace = lastBraces(text);
  let result = '';
  let done = 0;
  for (;;) {
    const dollar = text.indexOf('$', done);
    if (dollar === -1 || dollar === text.length - 1) return result + text.slice(done);
    result += text.slice(done, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      result += '$';
      done = dollar + 2;
    } else if (next === '{') {
      const expression = braceExpression(text, dollar, lastBrace);
      if (expression === undefined || depth === depthLimit) {
        context.fault({ kind: expression === undefined ? 'invalid' : 'deep', index: offset + dollar });
        return result + text.slice(dollar);
      }
      result += substitute(expression, { offset: offset + dollar, depth }, context);
      done = expression.end;
    } else {
      named.lastIndex = dollar + 1;
      const name = named.exec(text)?.[0];
      result += name === undefined ? '$' : plain(name, offset + dollar, context);
      done = dollar + 1 + (name?.length ?? 0);
    }
  }
}

/** A variable of a template, and what is to stand for it if it is not set, or if it is. */
export interface TemplateVariable {
  readonly name: string;
  readonly operator?: (typeof operators)[number];
  readonly operand: string;
}

/** The variables of a template in their order, each before those inside it; none of what follows an invalid expression. */
export function templateVariables(text: string, depth = 0): TemplateVariable[] {
  const found: TemplateVariable[] = [];
  const lastBrace = lastBraces(text);
  let done = 0;
  for (;;) {
    const dollar = text.indexOf('$', done);
    if (dollar === -1) return found;
    const next = text[dollar + 1];
    if (next === '{') {
      const expression = braceExpression(text, dollar, lastBrace);
      if (expression === undefined || depth === depthLimit) return found;
      const { name, operator, operand, end } = expression;
      found.push({ name, ...(operator && { operator }), operand }, ...templateVariables(operand, depth + 1));
      done = end;
    } else {
      named.lastIndex = dollar + 1;
      const name = next === '$' ? undefined : named.exec(text)?.[0];
      if (name !== undefined) found.push({ name, operand: '' });
      done = dollar + 1 + (next === '$' ? 1 : (name?.length ?? 0));
    }
  }
}

interface Expression {
  readonly name: string;
  readonly operator?: (typeof operators)[number];
  readonly operand: string;
  /** Index of the operand from the `$`. */
  readonly operandAt: number;
  /** Index in the text after the closing brace. */
  readonly end: number;
}

/** An expression with an operator reaches at most to the last brace of its line; which one closes it is counted. */
function braceExpression(
  text: string,
  dollar: number,
  lastBrace: (at: number) => number,
): Expression | undefined {
  braced.lastIndex = dollar + 1;
  const begin = braced.exec(text);
  if (begin === null) return undefined;
  const [, name = '', operator] = begin;
  const behind = braced.lastIndex;
  if (operator === undefined) {
    return text[behind] === '}' ? { name, operand: '', operandAt: 0, end: behind + 1 } : undefined;
  }
  const last = lastBrace(behind);
  if (last < behind) return undefined;
  const end = closingBrace(text, dollar, last + 1) ?? last + 1;
  const operandAt = 2 + name.length + operator.length;
  return {
    name,
    operator: operators.find((known) => known === operator) ?? '-',
    operand: text.slice(dollar + operandAt, end - 1),
    operandAt,
    end,
  };
}

/** Finds the last closing brace of the line that a place is in. Places come in order, so that a line is searched once. */
function lastBraces(text: string): (at: number) => number {
  let lineEnd = -1;
  let last = -1;
  return (at) => {
    if (at > lineEnd) {
      const end = text.indexOf('\n', at);
      lineEnd = end === -1 ? text.length : end;
      last = text.lastIndexOf('}', lineEnd);
    }
    return last;
  };
}

/** The index after the brace that closes the first one. A character right after an opening brace is not looked at. */
function closingBrace(text: string, from: number, to: number): number | undefined {
  let open = 0;
  for (let at = from; at < to; at++) {
    if (text[at] === '}') {
      open--;
      if (open === 0) return at + 1;
    } else if (text[at] === '{') {
      open++;
      at++;
    }
  }
  return undefined;
}

function plain(name: string, index: number, context: TemplateContext): string {
  const value = context.lookup(name);
  if (value === undefined) context.fault({ kind: 'unset', index, name });
  return value ?? '';
}

function substitute(
  expression: Expression,
  { offset: index, depth }: Level,
  context: TemplateContext,
): string {
  const { name, operator } = expression;
  if (operator === undefined) return plain(name, index, context);
  const inner = { offset: index + expression.operandAt, depth: depth + 1 };
  const operand = expand(expression.operand, inner, context);
  const value = context.lookup(name);
  const given = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator) {
    case ':-':
    case '-':
      return given ? value : operand;
    case ':+':
    case '+':
      return given ? operand : '';
    case ':?':
    case '?':
      if (given) return value;
      context.fault({ kind: 'required', index, name, words: operand });
      return '';
  }
}
