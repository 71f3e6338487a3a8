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

/** What a file says about a variable, before anyone has asked what others have. */
export interface EnvLine {
  readonly key: string;
  readonly at: Location;
  /** The value, if it is the same whatever others have. */
  readonly entry?: EnvEntry;
  /** The value with variables in it, and where it begins. Without it and a value: that which is known outside. */
  readonly template?: { readonly text: string; readonly at: Location };
}

/**
 * Reads the text of a `.env` or env file as Docker Compose 2.40.3 does. Of a key written twice the last value counts; a
 * bare key takes the value it has outside, or is left out. What cannot be read is told as `invalid-env-file` and its
 * line is skipped.
 */
export function parseDotenv(text: string, context: EnvFileContext): Map<string, EnvEntry> {
  const entries = new Map<string, EnvEntry>();
  const { lookup, earlier, report } = context;
  const known = (name: string) => lookup(name) ?? entries.get(name)?.value ?? earlier?.get(name)?.value;
  addEntries(readDotenv(text, context.file, report), { lookup, known, report, entries });
  return entries;
}

/** The lines of a `.env`; what is wrong with them as lines is told. */
export function readDotenv(text: string, file: string, report: Report): readonly EnvLine[] {
  const reader = new Reader(text, file, report);
  while (reader.statement());
  return reader.lines;
}

/**
 * The lines of the `raw` format, which is that of `docker run --env-file`: everything after the first `=` is the value,
 * there are no quotes, no variables and no comments behind a value.
 */
export function readRawEnv(text: string, file: string, report: Report): readonly EnvLine[] {
  const lines: EnvLine[] = [];
  for (const [index, full] of text.split(/\r?\n/).entries()) {
    const line = full.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const at = { file, line: index + 1, column: full.length - line.length + 1 };
    const equals = line.indexOf('=');
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === '' || /\s/.test(key)) {
      const message = key === '' ? 'a variable without a name' : `the name \`${key}\` has a blank in it`;
      complain({ path: '', report }, { location: at }, { code: 'invalid-env-file', message });
      continue;
    }
    lines.push(equals === -1 ? { key, at } : { key, at, entry: { value: line.slice(equals + 1), at } });
  }
  return lines;
}

export interface EnvValues {
  /** What a key without a value has outside. */
  readonly lookup: (name: string) => string | undefined;
  /** The value of a variable in a template. */
  readonly known: (name: string) => string | undefined;
  readonly report: Report;
  /** Where the values are added. */
  readonly entries: Map<string, EnvEntry>;
}

/** Gives the variables of lines their values. */
export function addEntries(lines: readonly EnvLine[], values: EnvValues): void {
  for (const line of lines) {
    const entry = line.entry ?? entryOf(line, values);
    if (entry !== undefined) values.entries.set(line.key, entry);
  }
}

function entryOf({ key, at, template }: EnvLine, { lookup, known, report }: EnvValues): EnvEntry | undefined {
  const value =
    template === undefined ? lookup(key) : expanded(template.text, known, { at: template.at, report });
  return value === undefined ? undefined : { value, at };
}

function expanded(
  template: string,
  lookup: (name: string) => string | undefined,
  { at, report }: { readonly at: Location; readonly report: Report },
): string | undefined {
  let failed = false;
  const value = expandTemplate(template, {
    lookup,
    fault: (fault) => {
      failed ||= fault.kind !== 'unset';
      tellFault(fault, template, at, { path: '', report });
    },
  });
  return failed ? undefined : value;
}

/** The lines where those have their value already that depend on nothing but what is the same for all who read them. */
export function withSharedValues(
  lines: readonly EnvLine[],
  lookup: (name: string) => string | undefined,
): readonly EnvLine[] {
  return lines.map((line) => {
    let shared = true;
    const known = (name: string) => {
      const value = lookup(name);
      shared &&= value !== undefined;
      return value;
    };
    const report = () => {
      shared = false;
    };
    const entry = line.entry ?? entryOf(line, { lookup: known, known, report, entries: new Map() });
    return shared && entry !== undefined ? { ...line, entry } : line;
  });
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
  readonly lines: EnvLine[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #report: Report;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(text: string, file: string, report: Report) {
    this.#text = text;
    this.#file = file;
    this.#report = report;
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
      if (!isOfName(char) && !blank.test(char)) {
        const hint = 'names consist of letters, digits, `_`, `.` and `-`';
        return this.#complain(at, `\`${char}\` cannot be in the name of a variable`, hint);
      }
    }
  }

  #entry(key: string, start: number): void {
    const at = this.#locate(start);
    const separator = this.#text[this.#at];
    if (separator === undefined || separator === '\n') {
      this.lines.push({ key, at });
      return;
    }
    this.#at++;
    this.#skip(blank);
    this.#value(key, at);
  }

  #value(key: string, at: Location): void {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") {
      this.#skipLine();
      const line = this.#text.slice(start, this.#at);
      const comment = line.indexOf(' #');
      this.#template((comment === -1 ? line : line.slice(0, comment)).trimEnd(), start, key, at);
      return;
    }
    const end = closingQuote(this.#text, start, quote);
    if (end === undefined) {
      this.#complain(start, 'the quote that begins here is never closed', `close it with ${quote}`);
      // Everything that follows is inside the quote.
      this.#at = this.#text.length;
      return;
    }
    this.#at = end + 1;
    // Only the quote itself can be escaped; other backslashes stay until escapes are decoded.
    const content = unescapeQuote(this.#text.slice(start + 1, end), quote);
    if (quote === "'") this.lines.push({ key, at, entry: { value: content, at } });
    else this.#template(decodeEscapes(content), start, key, at);
  }

  #template(text: string, start: number, key: string, at: Location): void {
    if (text.includes('$')) this.lines.push({ key, at, template: { text, at: this.#locate(start) } });
    else this.lines.push({ key, at, entry: { value: text, at } });
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
    complain({ path: '', report: this.#report }, { location }, { code: 'invalid-env-file', message, hint });
    return undefined;
  }

  /** Places are asked for from the beginning to the end, so lines are counted only once. */
  #locate(index: number): Location {
    for (; this.#counted < index; this.#counted++) {
      if (this.#text[this.#counted] !== '\n') continue;
      this.#line++;
      this.#lineStart = this.#counted + 1;
    }
    return { file: this.#file, line: this.#line, column: index - this.#lineStart + 1 };
  }
}

/** To find out about all of Unicode takes V8 longer than most files need. */
function isOfName(char: string): boolean {
  return char < '\x80' ? /^[A-Za-z0-9_.\-[\]]/.test(char) : /^[\p{L}\p{N}]/u.test(char);
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
