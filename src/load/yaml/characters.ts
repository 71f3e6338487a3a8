import type { Location } from '../../model/problem.ts';
import type { Report } from '../report.ts';

/** The characters that YAML files may have, as Docker Compose 2.40.3 reads them. */
const forbidden = /[^\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** True if a stack file consists of what YAML allows; the first character that it does not allow is told. */
export function checkCharacters(text: string, file: string, report: Report): boolean {
  const found = forbidden.exec(text);
  if (found === null) return true;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  report({
    code: 'invalid-yaml',
    severity: 'error',
    message: `this is not valid YAML: here is the control character U+${code}`,
    hint: `remove it; in double quotes it can be written as \`\\u${code}\``,
    location: placeOf(found.index, text, file),
  });
  return false;
}

/** Tells that a stack file has bytes that are no UTF-8, and where the first of them are. */
export function tellBrokenBytes(index: number, text: string, file: string, report: Report): void {
  report({
    code: 'invalid-yaml',
    severity: 'error',
    message: 'this is not valid YAML: the bytes here are no UTF-8 text',
    hint: 'save the file as UTF-8',
    location: placeOf(index, text, file),
  });
}

const lookalike =
  /^(?:-|[\w.-]+:)?(?:([\u00A0\u1680\u2000-\u200B\u202F\u205F\u2060\u3000\uFEFF])|([\u2018-\u201F]))/;

/** Tells characters at the beginning of unquoted text that look like blanks or quotes, and are text to YAML. */
export function tellLookalikes(text: string, location: Location, report: Report): void {
  const [, blank, quote] = lookalike.exec(text) ?? [];
  if (blank === undefined && quote === undefined) return;
  const code = (blank ?? '').charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const message =
    blank === undefined
      ? `\`${quote}\` is no quote of YAML, and so is part of the text`
      : `the blank here is the character U+${code}, which YAML takes for text`;
  report({
    code: 'misread-value',
    severity: 'warning',
    message,
    location,
    hint: blank === undefined ? 'use `"` or `\'`' : 'type it anew',
    once: `${location.file} lookalike ${blank ?? quote}`,
    withMore: (more) => `${message}; so in ${more}`,
  });
}

function placeOf(index: number, text: string, file: string): Location {
  const lines = text.slice(0, index).split(/\r\n?|\n/);
  return { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
