export interface SanitiseOptions {
  /** Keep the colours of the program; everything else that is no text goes in any case. */
  readonly colour: boolean;
}

const longest = 10_000;
const tabStop = 8;

const esc = '\u001B';
/** A code that sets colours: the only kind there is in harmless text. */
export const sgrSource = `${esc}\\[[0-9;:]*m`;
const sgr = new RegExp(`^${sgrSource}$`);
/** Marks that make text read in another order than it is written in, and line ends beyond ASCII. */
const misleading = '\u202A-\u202E\u2066-\u2069\u2028\u2029';
/** Anything that is not plain text; most lines have none of it. */
const suspicious = new RegExp(`[\\p{Cc}${misleading}]`, 'u');
/** What is left of controls when sequences are gone. Escapes stay: by then only colours have them. So do tabs. */
const controls = new RegExp(`[${misleading}]|(?![${esc}\\t])\\p{Cc}`, 'gu');
const anyControl = new RegExp(`[\\p{Cc}${misleading}]`, 'gu');
const colourOrControl = new RegExp(`${sgrSource}|${anyControl.source}`, 'gu');
const lineEnds = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
/** Control sequences by their grammar (ECMA-48): CSI, string sequences up to their end, other escapes. */
const sequence = new RegExp(
  [
    `(?:${esc}\\[|\u009B)[0-?]*[ -/]*[@-~]?`,
    `(?:${esc}[P\\]X^_]|[\u0090\u0098\u009D-\u009F])[^\u0007${esc}\u009C]*(?:\u0007|${esc}\\\\|\u009C)?`,
    `${esc}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
);
const tabbed = new RegExp(`${sgrSource}|\\t|[^\\t${esc}]+`, 'g');
/** A colour code or a character of two units that was cut in half. */
const halved = new RegExp(`${esc}(?:\\[[0-9;:]*)?$|[\uD800-\uDBFF]$`);

/**
 * One line of a program's output as text that can be put anywhere on a screen: it cannot move the cursor, set titles,
 * ring bells or colour what follows. Of a line that was overwritten (progress bars) what was last to be seen remains.
 */
export function sanitiseLine(line: string, { colour }: SanitiseOptions): string {
  if (!suspicious.test(line)) return line.length > longest ? `${cut(line)}…` : line;
  // Twice the limit leaves room for colours and keeps a line of many megabytes from being searched whole.
  const bounded = line.length > longest * 2 ? line.slice(0, longest * 2) : line;
  const shown = lastOverwrite(bounded)
    .replace(sequence, (found) => (colour && sgr.test(found) ? found : ''))
    .replace(controls, '');
  const text = expandTabs(shown);
  const ended = text.length > longest || bounded !== line ? `${cut(text)}…` : text;
  return ended.includes(esc) ? `${ended}${esc}[0m` : ended;
}

/** Text of several lines, e.g. a cause, each made harmless. */
export function sanitiseText(text: string, options: SanitiseOptions): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => sanitiseLine(line, options));
}

/** Words that are one line wherever they are shown: a name with a line break cannot pass for lines of ours. */
export function sanitiseField(text: string): string {
  if (!suspicious.test(text)) return sanitiseLine(text, { colour: false });
  return sanitiseLine(text.trimEnd().replace(lineEnds, '␊'), { colour: false });
}

/** A line of which places are known by their number: no unit is added or taken away. */
export function sanitiseInPlace(line: string): string {
  return line.replace(anyControl, (control) => (control === '\t' ? ' ' : pictureOf(control)));
}

/** Data of whatever length and many lines as a terminal may have it: whole, with its colours, and with signs for controls. */
export function sanitiseData(text: string): string {
  return text.replace(colourOrControl, (found) =>
    found.length > 1 || found === '\n' || found === '\t' ? found : pictureOf(found),
  );
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return control === '\u007F' ? '␡' : '�';
}

function lastOverwrite(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((segment) => segment.replace(sequence, '').trim() !== '') ?? '';
}

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  let column = 0;
  return text.replace(tabbed, (part) => {
    if (part.startsWith(esc)) return part;
    const expanded = part === '\t' ? ' '.repeat(tabStop - (column % tabStop)) : part;
    column += expanded.length;
    return expanded;
  });
}

function cut(text: string): string {
  return text.slice(0, longest).replace(halved, '');
}
