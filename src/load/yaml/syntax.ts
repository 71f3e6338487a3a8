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
  /** Where the bracket begins that is not closed before that place. */
  readonly bracketAt: number | undefined;
}

/** What the parser says about a text, in words for the mistakes that people make. */
export function syntaxWords(fault: SyntaxFault, text: string): SyntaxWords {
  const { code, message, offset, quoteAt, bracketAt } = fault;
  const more = unmerged(text) ?? wordsByCode(code, text, offset) ?? badIndent(message, text, offset);
  if (more !== undefined) return more;
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
  if (/^Flow (?:sequence|map) .*end with a [\]}]$/.test(message) && bracketAt !== undefined) {
    const line = text.slice(0, offset).split('\n').length;
    const end = offset < text.trimEnd().length ? `before line ${line}` : 'before the end of the file';
    return { message: `the \`${text[bracketAt]}\` that begins here is not closed ${end}`, at: bracketAt };
  }
  if (message.startsWith('Unexpected , in flow')) {
    return { message: 'there is nothing before this comma', hint: 'remove the comma' };
  }
  if (message.startsWith('Missing , or : between flow')) {
    return { message: 'a comma is missing before this place', hint: 'put a comma between two items' };
  }
  if (message.startsWith('Unexpected block-seq-ind on same line')) {
    return {
      message: 'a list cannot begin on the line of its key',
      hint: 'put each item on a line of its own, below the key',
    };
  }
  if (message.startsWith('A block sequence may not be used as an implicit map key')) {
    const dash = text.indexOf('-', offset);
    return {
      message: 'a list begins among the keys of a map',
      hint: 'write all lines as `NAME: VALUE`, or all with a `-` before them',
      ...(dash === -1 ? {} : { at: dash }),
    };
  }
  if (message.startsWith('Implicit')) return withoutValue(text.slice(offset));
  const line = message.split('\n', 1)[0] ?? '';
  return { message: line.charAt(0).toLowerCase() + line.slice(1) };
}

function wordsByCode(code: string, text: string, offset: number): SyntaxWords | undefined {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab cannot indent a line', hint: 'indent with blanks' };
    case 'BAD_SCALAR_START':
      return text.slice(offset - 1, offset + 1) === '{%'
        ? { ...template, at: offset - 1 }
        : { message: `\`${text[offset]}\` cannot begin unquoted text`, hint: 'put it in quotes' };
    case 'BAD_DQ_ESCAPE':
      return {
        message: `\`${text.slice(offset, offset + 2)}\` means nothing inside double quotes`,
        hint: 'write `\\\\` for a backslash, or use single quotes',
      };
    default:
      return undefined;
  }
}

/** What stands where a tool was to put a value. */
export const template = {
  message: 'this is a template of another tool, and not filled in',
  hint: 'let that tool make the file; if text is meant, put it in quotes',
};

/** Both sides of a merge, as git leaves them in a file for people to choose. */
function unmerged(text: string): SyntaxWords | undefined {
  const at = /^<{7}(?= |$)/m.exec(text)?.index;
  if (at === undefined) return undefined;
  return {
    message: 'two versions of the file were merged, and the conflict is still there',
    hint: 'keep one of the versions, and remove the lines with <<<<<<<, ======= and >>>>>>>',
    at,
  };
}

/** A line that begins in a column in which no line above it begins. */
function badIndent(message: string, text: string, offset: number): SyntaxWords | undefined {
  const kind = /^All (mapping|sequence) items must start at the same column/.exec(message)?.[1];
  if (kind === undefined) return undefined;
  const lines = text
    .slice(0, text.indexOf('\n', offset) + 1 || text.length)
    .trimEnd()
    .split('\n');
  const line = lines.pop() ?? '';
  const own = indentOf(line);
  const known = new Set<number>();
  let lowest = Number.POSITIVE_INFINITY;
  for (const above of lines.toReversed()) {
    if (/^\s*(?:#|$)/.test(above) || indentOf(above) >= lowest) continue;
    lowest = indentOf(above);
    if (lowest !== own) known.add(lowest);
  }
  const near = [...known].filter((indent) => indent < own).slice(0, 1);
  near.push(...[...known].filter((indent) => indent > own).slice(-1));
  if (near.length === 0) return undefined;
  const { length } = text.slice(0, offset).split('\n').at(-1) ?? '';
  return {
    message: `this line is indented by ${own}, which fits no ${kind === 'mapping' ? 'key' : 'item'} above it`,
    hint: `indent it by ${near.join(' or ')}`,
    at: offset - length + own,
  };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** A line of a map that has no value. */
function withoutValue(text: string): SyntaxWords {
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  if (line.startsWith('//')) {
    return { message: 'this line is no `NAME: VALUE`', hint: 'begin a comment with `#`' };
  }
  return (
    missingBlank(line) ?? {
      message: 'this line is no `NAME: VALUE`',
      hint: 'write it so, or indent the line if it belongs to the one above',
    }
  );
}

/** Words for `image:x` and `image = x`, which are text and no key with a value. */
export function missingBlank(text: string): { readonly message: string; readonly hint: string } | undefined {
  const [, key, sign, value] = /^([\w.-]+)(:|\s*=\s*)([^\s:/=].*)$/.exec(text) ?? [];
  if (key === undefined || sign === undefined || value === undefined) return undefined;
  const hint = `write \`${key}: ${value}\``;
  if (sign === ':') return { message: `a blank is missing after \`${key}:\``, hint };
  return { message: `\`${key}\` and its value are separated by \`=\``, hint };
}
