/** What is wrong with a template, and which `$` of it is meant. */
export type TemplateFault =
  | { readonly kind: 'invalid'; readonly index: number }
  | { readonly kind: 'required'; readonly index: number; readonly name: string; readonly words: string }
  | { readonly kind: 'unset'; readonly index: number; readonly name: string };

export interface TemplateContext {
  readonly lookup: (name: string) => string | undefined;
  readonly fault: (fault: TemplateFault) => void;
}

const operators = [':-', ':+', ':?', '-', '+', '?'] as const;
const named = /[A-Za-z_][A-Za-z0-9_]*/y;
// A braced expression reaches to the last brace of its line; which one closes it is found by counting.
const braced = /\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^\n]*))?\}/y;

/**
 * Replaces `$NAME`, `${NAME}` and the operators of `${NAME…}` as Docker Compose 2.40.3 does: nested to any depth, and
 * defaults and messages are expanded even when they are not used. `$$` is a dollar sign; a `$` that begins nothing stays.
 * Faults are told with the index of their `$` in the text; the text after an invalid expression is not looked at.
 */
export function expandTemplate(text: string, context: TemplateContext): string {
  return text.includes('$') ? expand(text, 0, context) : text;
}

/** `offset` is where the text begins in the whole template. */
function expand(text: string, offset: number, context: TemplateContext): string {
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
      const expression = braceExpression(text, dollar);
      if (expression === undefined) {
        context.fault({ kind: 'invalid', index: offset + dollar });
        return result + text.slice(dollar);
      }
      result += substitute(expression, offset + dollar, context);
      done = expression.end;
    } else {
      named.lastIndex = dollar + 1;
      const name = named.exec(text)?.[0];
      result += name === undefined ? '$' : plain(name, offset + dollar, context);
      done = dollar + 1 + (name?.length ?? 0);
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

function braceExpression(text: string, dollar: number): Expression | undefined {
  braced.lastIndex = dollar + 1;
  const widest = braced.exec(text);
  if (widest === null) return undefined;
  const end = closingBrace(text, dollar, braced.lastIndex) ?? braced.lastIndex;
  const [, name = '', operator] = widest;
  if (operator === undefined) return { name, operand: '', operandAt: 0, end };
  const operandAt = 2 + name.length + operator.length;
  return {
    name,
    operator: operators.find((known) => known === operator) ?? '-',
    operand: text.slice(dollar + operandAt, end - 1),
    operandAt,
    end,
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

function substitute(expression: Expression, index: number, context: TemplateContext): string {
  const { name, operator } = expression;
  if (operator === undefined) return plain(name, index, context);
  const operand = expand(expression.operand, index + expression.operandAt, context);
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
