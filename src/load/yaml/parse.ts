import { type CST, Lexer, LineCounter, Parser } from 'yaml';
import type { Location, Problem } from '../../model/problem.ts';
import type { Node } from '../node.ts';
import type { Report, Told } from '../report.ts';
import { Directives } from './directives.ts';
import { faultIn } from './fault.ts';
import { endOf, Malformed, malformed } from './properties.ts';
import { DocumentReader, depthLimit, tooDeep, visitLimit } from './reader.ts';
import { syntaxWords } from './syntax.ts';

/** How many words and signs a file may have: more than so many values need, and what the parser can hold in memory. */
const wordLimit = 8 * visitLimit;

/**
 * The documents of a YAML 1.2 file with merge keys. Syntax errors, keys written twice and aliases that lead nowhere or
 * to themselves are told as `invalid-yaml`. `undefined` for a syntax error: what follows one is mostly misread.
 */
export function parseYaml(written: string, file: string, report: Report): Node[] | undefined {
  // The parser does not know the line ends of old systems.
  const text = written.replace(/\r(?!\n)/g, '\n');
  const locate = locator(text, file);
  const tell = (problem: Pick<Problem, 'message' | 'hint'>, offset: number) =>
    report({ code: 'invalid-yaml', severity: 'error', ...problem, location: locate(offset) });
  const { tokens, excess } = tokensOf(text);
  if (excess !== undefined) {
    const { at, ...problem } = excess;
    tell(problem, at);
    return undefined;
  }
  const { documents, isWhole } = readDocuments(tokens, text, locate);
  const fault = isWhole ? undefined : faultIn(text);
  for (const { told } of documents.slice(0, fault?.document)) for (const problem of told) report(problem);
  if (fault === undefined) return documents.map(({ node }) => node);
  const { at = fault.offset, ...words } = syntaxWords(fault, text);
  tell({ ...words, message: `this is not valid YAML: ${words.message}` }, at);
  return undefined;
}

interface Tokens {
  readonly tokens: readonly CST.Token[];
  /** What there is too much of to be read, and where. */
  readonly excess?: { readonly message: string; readonly hint: string; readonly at: number };
}

function tokensOf(text: string): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let words = 0;
  for (const word of new Lexer().lex(text)) {
    if (!isBlank(word.charCodeAt(0))) words++;
    if (words > wordLimit) return { tokens, excess: { ...tooMuch, at: parser.offset } };
    for (const token of parser.next(word)) tokens.push(token);
    if (parser.stack.length > depthLimit) return { tokens, excess: { ...tooDeep, at: parser.offset } };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens };
}

const tooMuch = {
  message: 'the file is too large, and is not read from here on',
  hint: `${wordLimit} words and signs are the most`,
};

/** True for what separates words, and for what begins a comment. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x23 || (code >= 0x09 && code <= 0x0d);
}

interface Document {
  readonly node: Node;
  /** What is wrong with its values. */
  readonly told: readonly Told[];
}

/** The documents up to the first thing that is no YAML. */
function readDocuments(
  tokens: readonly CST.Token[],
  text: string,
  locate: (offset: number) => Location,
): { readonly documents: readonly Document[]; readonly isWhole: boolean } {
  const documents: Document[] = [];
  // In what has no document is nothing wrong that would matter.
  if (tokens.every(({ type }) => type !== 'document')) return { documents, isWhole: true };
  const directives = new Directives();
  let isDirected = false;
  try {
    for (const token of tokens) {
      if (token.type === 'directive') {
        directives.add(token.source);
        isDirected = true;
      } else if (token.type === 'document') {
        const told: Told[] = [];
        const report: Report = (problem) => told.push(problem);
        const reader = new DocumentReader(text, locate, report, directives.forDocument());
        const node = reader.read(token);
        if (isDirected && token.start.every(({ type }) => type !== 'doc-start')) malformed();
        documents.push({ node, told });
        isDirected = false;
      } else if (token.type === 'doc-end') {
        if (documents.length === 0) malformed();
        endOf(token.end, 0, true);
      } else if (!between.has(token.type)) malformed();
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { documents, isWhole: false };
  }
  return { documents, isWhole: true };
}

/** What may stand between documents. */
const between: ReadonlySet<string> = new Set(['byte-order-mark', 'space', 'comment', 'newline']);

function locator(text: string, file: string): (offset: number) => Location {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
}
