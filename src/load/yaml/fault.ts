import { Composer, type Document, Lexer, Parser } from 'yaml';
import type { SyntaxFault } from './syntax.ts';

/** The first thing that is wrong with a text as YAML, and how many documents before it are right. */
export interface Fault extends SyntaxFault {
  readonly document: number;
}

/** Asks the library what is wrong with a text; `undefined`: nothing that matters. */
export function faultIn(text: string): Fault | undefined {
  const parser = new Parser();
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: Document.Parsed[] = [];
  const quotes: number[] = [];
  const brackets: number[] = [];
  const unclosed: number[] = [];
  for (const word of new Lexer().lex(text)) {
    if (word.startsWith('"') || word.startsWith("'")) quotes.push(parser.offset);
    else if (word === '[' || word === '{') brackets.push(parser.offset);
    else if (word === ']' || word === '}') brackets.pop();
    else if (word === flowBreak) unclosed.push(...brackets.splice(0).slice(-1));
    for (const token of parser.next(word))
      documents.push(...(composer.next(token) as Iterable<Document.Parsed>));
  }
  unclosed.push(...brackets.slice(-1));
  for (const token of parser.end()) documents.push(...(composer.next(token) as Iterable<Document.Parsed>));
  documents.push(...(composer.end() as Iterable<Document.Parsed>));
  const document = documents.findIndex(({ errors }) => errors.length > 0);
  const error = documents[document]?.errors[0];
  if (error === undefined) return undefined;
  const {
    code,
    message,
    pos: [offset],
  } = error;
  const before = (starts: readonly number[]) => starts.findLast((start) => start < offset);
  return { document, code, message, offset, quoteAt: before(quotes), bracketAt: before(unclosed) };
}

/** What the lexer says where a line that is not indented ends an open bracket. */
const flowBreak = '\u0018';
