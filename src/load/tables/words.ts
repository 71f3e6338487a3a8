/**
 * Splits a command into words as Docker Compose 2.40.3 does: quotes and backslashes count as in a POSIX shell;
 * `` `…` `` and `$(…)` keep their blanks but are not run; from an unquoted `|`, `&`, `;`, `<` or `>` on the text is
 * dropped. `undefined` for what is left open and for other parentheses.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let escaped = false;
  let double = false;
  let single = false;
  let backquote = false;
  let dollar = false;
  for (const char of text) {
    if (escaped) {
      escaped = false;
    } else if (char === '\\' && !single) {
      escaped = true;
      continue;
    } else if (/[ \t\r\n]/.test(char)) {
      if (!(single || double || backquote || dollar)) {
        if (inWord) words.push(word);
        word = '';
        inWord = false;
        continue;
      }
    } else if (char === '"' && !single && !dollar) {
      inWord ||= double;
      double = !double;
      continue;
    } else if (char === "'" && !double && !dollar) {
      inWord ||= single;
      single = !single;
      continue;
    } else if (!single && !double) {
      if (char === '`' && !dollar) backquote = !backquote;
      else if (char === ')' && !backquote) dollar = !dollar;
      else if (char === '(' && !backquote) {
        if (dollar || !word.endsWith('$')) return undefined;
        dollar = true;
      } else if (/[|&;<>]/.test(char) && !backquote && !dollar) {
        // `2>` is a redirection as a whole, so its number is no word.
        if (char === '>' && /^[0-9]/.test(word)) inWord = false;
        break;
      }
    }
    word += char;
    inWord = true;
  }
  if (escaped || single || double || backquote || dollar) return undefined;
  if (inWord) words.push(word);
  return words;
}
