/** A syntax error in the user's words. */
export interface SyntaxWords {
  readonly message: string;
  readonly hint?: string;
  /** Where to point to instead of where the error was noticed. */
  readonly at?: number;
}

export interface SyntaxFault {
  readonly code: string;
  readonly message: string;
  /** Where in the text it was noticed. */
  readonly offset: number;
  /** Where the quotes before that place begin. */
  readonly quoteAt: number | undefined;
}

/** What the parser says about a text, in words for the mistakes that people make. */
export function syntaxWords(fault: SyntaxFault, text: string): SyntaxWords {
  const { code, message, offset, quoteAt } = fault;
  if (code === 'TAB_AS_INDENT') {
    return { message: 'a tab cannot indent a line', hint: 'indent with blanks' };
  }
  if (code === 'BAD_SCALAR_START') {
    return { message: `\`${text[offset]}\` cannot begin unquoted text`, hint: 'put it in quotes' };
  }
  if (message.startsWith('Nested mappings are not allowed in compact mappings')) {
    return {
      message: 'there is a `:` inside unquoted text',
      hint: 'put the value in quotes; if it is a map, begin it on the next line',
    };
  }
  if (message.startsWith('Missing closing') && quoteAt !== undefined) {
    return {
      message: 'the quote that begins here is never closed',
      hint: `close it with ${text[quoteAt]}`,
      at: quoteAt,
    };
  }
  const open = /^Flow (sequence|map) in block collection/.exec(message)?.[1];
  if (open !== undefined) {
    return { message: `a \`${open === 'map' ? '{' : '['}\` is not closed before this place` };
  }
  if (message.startsWith('Implicit')) return withoutValue(text.slice(offset));
  const line = message.split('\n', 1)[0] ?? '';
  return { message: line.charAt(0).toLowerCase() + line.slice(1) };
}

/** A line of a map that has no value. */
function withoutValue(text: string): SyntaxWords {
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return (
    missingBlank(line) ?? {
      message: 'this line is no `NAME: VALUE`',
      hint: 'write it so, or indent the line if it belongs to the one above',
    }
  );
}

/** Words for `image:x`, which is text and no key with a value. */
export function missingBlank(text: string): { readonly message: string; readonly hint: string } | undefined {
  const [, key, value] = /^([\w.-]+):([^\s:/].*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return { message: `a blank is missing after \`${key}:\``, hint: `write \`${key}: ${value}\`` };
}
