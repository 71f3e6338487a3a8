import type { Location } from '../../model/problem.ts';
import { complain, type Report } from '../report.ts';
import { tellFault } from './interpolate.ts';
import { expandTemplate } from './template.ts';

export interface EnvEntry {
  readonly value: string;
  readonly at: Location;
}

export interface EnvFileContext {
  readonly file: string;
  /** Asked before the keys of the file itself. */
  readonly lookup: (name: string) => string | undefined;
  /** Keys of earlier files that values may refer to. */
  readonly earlier?: ReadonlyMap<string, EnvEntry>;
  readonly report: Report;
}

/**
 * Reads the text of a `.env` or env file as Docker Compose 2.40.3 does. Of a key written twice the last value counts; a
 * bare key takes the value it has outside, or is left out. What cannot be read is told as `invalid-env-file` and its
 * line is skipped.
 */
export function parseDotenv(text: string, context: EnvFileContext): Map<string, EnvEntry> {
  const reader = new Reader(text, context);
  while (reader.statement());
  return reader.entries;
}

/**
 * The `raw` format, which is that of `docker run --env-file`: everything after the first `=` is the value, there are no
 * quotes, no variables and no comments behind a value.
 */
export function parseRawEnv(text: string, context: EnvFileContext): Map<string, EnvEntry> {
  const entries = new Map<string, EnvEntry>();
  for (const [index, full] of text.split(/\r?\n/).entries()) {
    const line = full.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const at = { file: context.file, line: index + 1, column: full.length - line.length + 1 };
    const equals = line.indexOf('=');
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === '' || /\s/.test(key)) {
      const message = key === '' ? 'a variable without a name' : `the name \`${key}\` has a blank in it`;
      complain({ path: '', report: context.report }, { location: at }, { code: 'invalid-env-file', message });
      continue;
    }
    const value = equals === -1 ? context.lookup(key) : line.slice(equals + 1);
    if (value !== undefined) entries.set(key, { value, at });
  }
  return entries;
}

/** A line of a `.env` that gives exactly this value to every reader of such files. */
export function printDotenvLine(name: string, value: string): string {
  if (/^[\w./:@%+,=-]*$/.test(value)) return `${name}=${value}`;
  if (!/['\\\r\n]/.test(value)) return `${name}='${value}'`;
  const escaped = value
    .replace(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `${name}="${escaped}"`;
}

const blank = /[\t\v\f\r \u0085\u00A0]/;

class Reader {
  readonly entries = new Map<string, EnvEntry>();
  readonly #text: string;
  readonly #context: EnvFileContext;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(text: string, context: EnvFileContext) {
    this.#text = text;
    this.#context = context;
  }

  /** Reads one entry; false at the end of the text. */
  statement(): boolean {
    this.#skip(/[\t\v\f\r \u0085\u00A0\n]/);
    while (this.#text[this.#at] === '#') {
      this.#skipLine();
      this.#skip(/[\t\v\f\r \u0085\u00A0\n]/);
    }
    if (this.#at >= this.#text.length) return false;
    const exported = /^export[\t\v\f\r \u0085\u00A0\n]+/.exec(this.#text.slice(this.#at, this.#at + 100));
    if (exported !== null) this.#at += exported[0].length;
    const start = this.#at;
    const key = this.#key();
    if (key === undefined) this.#skipLine();
    else this.#entry(key, start);
    return true;
  }

  /** Reads up to the separator; tells what is wrong with a name. */
  #key(): string | undefined {
    const start = this.#at;
    for (
      let at = start;
      ;
      at += this.#text.codePointAt(at) === undefined ? 1 : charAt(this.#text, at).length
    ) {
      const char = charAt(this.#text, at);
      if (char === '' || char === '\n' || char === '=' || char === ':') {
        const key = this.#text.slice(start, at).trimEnd();
        if (key.includes(' ')) {
          return this.#complain(start, `the name \`${key}\` has a blank in it`, 'write NAME=value');
        }
        this.#at = at;
        return key;
      }
      if (!/[\p{L}\p{N}_.\-[\]]/u.test(char) && !blank.test(char)) {
        const hint = 'names consist of letters, digits, `_`, `.` and `-`';
        return this.#complain(at, `\`${char}\` cannot be in the name of a variable`, hint);
      }
    }
  }

  #entry(key: string, start: number): void {
    const at = this.#locate(start);
    const separator = this.#text[this.#at];
    if (separator === undefined || separator === '\n') {
      const inherited = this.#context.lookup(key);
      if (inherited !== undefined) this.entries.set(key, { value: inherited, at });
      return;
    }
    this.#at++;
    this.#skip(blank);
    const value = this.#value();
    if (value !== undefined) this.entries.set(key, { value, at });
  }

  #value(): string | undefined {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") {
      this.#skipLine();
      const line = this.#text.slice(start, this.#at);
      const comment = line.indexOf(' #');
      return this.#expand((comment === -1 ? line : line.slice(0, comment)).trimEnd(), start);
    }
    const end = closingQuote(this.#text, start, quote);
    if (end === undefined) {
      this.#complain(start, 'the quote that begins here is never closed', `close it with ${quote}`);
      // Everything that follows is inside the quote.
      this.#at = this.#text.length;
      return undefined;
    }
    this.#at = end + 1;
    // Only the quote itself can be escaped; other backslashes stay until escapes are decoded.
    const content = unescapeQuote(this.#text.slice(start + 1, end), quote);
    return quote === "'" ? content : this.#expand(decodeEscapes(content), start);
  }

  #expand(template: string, start: number): string | undefined {
    const { lookup, earlier, report } = this.#context;
    let failed = false;
    const value = expandTemplate(template, {
      lookup: (name) => lookup(name) ?? this.entries.get(name)?.value ?? earlier?.get(name)?.value,
      fault: (fault) => {
        failed ||= fault.kind !== 'unset';
        tellFault(fault, template, this.#locate(start), { path: '', report });
      },
    });
    return failed ? undefined : value;
  }

  #skip(what: RegExp): void {
    while (this.#at < this.#text.length && what.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #complain(at: number, message: string, hint: string): undefined {
    const location = this.#locate(at);
    complain(
      { path: '', report: this.#context.report },
      { location },
      { code: 'invalid-env-file', message, hint },
    );
    return undefined;
  }

  /** Places are asked for from the beginning to the end, so lines are counted only once. */
  #locate(index: number): Location {
    for (; this.#counted < index; this.#counted++) {
      if (this.#text[this.#counted] !== '\n') continue;
      this.#line++;
      this.#lineStart = this.#counted + 1;
    }
    return { file: this.#context.file, line: this.#line, column: index - this.#lineStart + 1 };
  }
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function closingQuote(text: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return at;
    if (text[at] === '\\') at++;
  }
  return undefined;
}

function unescapeQuote(content: string, quote: string): string {
  return content.replace(/\\(.)/gs, (both, char) => (char === quote ? quote : both));
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // A dollar sign that is no variable; the expansion that follows makes it one.
  $: '$$',
};

function decodeEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0([0-9]{0,3}))/g, (match, letter?: string, octal?: string) => {
    if (letter !== undefined) return escapes[letter] ?? match;
    const code = Number.parseInt(octal ?? '', 8);
    if (/^[0-7]{3}$/.test(octal ?? '') && code < 256) return String.fromCharCode(code);
    return `\\${octal ?? ''}`;
  });
}
