import { isAlias, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';

/** A value in a file, by the place where it begins. */
export interface Replacement {
  readonly line: number;
  readonly column: number;
  readonly value: string;
}

/** A YAML text in which some values are others; all else stays as it is, to the blank. The new ones need no quotes. */
export function replaceValues(text: string, replacements: readonly Replacement[]): string {
  const wanted = new Map(replacements.map(({ line, column, value }) => [`${line}:${column}`, value]));
  if (wanted.size === 0) return text;
  const lines = new LineCounter();
  const found: (readonly [start: number, end: number, value: string])[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent', merge: true })) {
    visit(document, (_, node) => {
      if (!(isScalar(node) || isAlias(node)) || !node.range) return;
      const [start, end] = node.range;
      const { line, col } = lines.linePos(start);
      const value = wanted.get(`${line}:${col}`);
      if (value !== undefined) found.push([start, end, value]);
    });
  }
  return found
    .toSorted(([a], [b]) => b - a)
    .reduce((whole, [start, end, value]) => whole.slice(0, start) + value + whole.slice(end), text);
}
