import stringWidth from 'string-width';

let segmenter: Intl.Segmenter | undefined;
/** What nearly all of a screen is made of: a column each, which is known without looking closer. */
const narrow = /^[ -~·…─-▟●◐○✗✓‖↑↓]*$/;
const widestName = 24;

/** Columns a text takes on a screen: wide characters take two, combined ones and colours none of their own. */
export function widthOf(text: string): number {
  return narrow.test(text) ? text.length : stringWidth(text);
}

/** Text made as wide as a column of a table. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The text as far as there is room, with a mark where it was cut. No more is read of it than is shown. */
export function clip(text: string, width: number, mark: string): string {
  const room = width - widthOf(mark);
  if (text.length < 10_000 && narrow.test(text))
    return text.length <= width ? text : text.slice(0, Math.max(0, room)) + mark;
  let taken = 0;
  let kept = 0;
  for (const { segment, index } of graphemes(text)) {
    taken += widthOf(segment);
    if (taken > width) return text.slice(0, kept) + mark;
    if (taken <= room) kept = index + segment.length;
  }
  return text;
}

/** The end of a text as far as there is room, with a mark where it was cut. */
export function clipStart(text: string, width: number, mark: string): string {
  // Characters that are seen have few units; a text of megabytes is not worth measuring.
  const end = text.slice(-width * 16);
  const segments = [...graphemes(end)].map(({ segment }) => segment);
  const whole = endOf(segments, width);
  return whole === text ? text : mark + endOf(segments, width - widthOf(mark));
}

/** Beginning and end of a text as far as there is room: names of one project often differ in their last letters alone. */
export function clipMiddle(text: string, width: number, mark: string): string {
  if (widthOf(text) <= width) return text;
  const room = Math.max(0, width - widthOf(mark));
  const end = clipStart(text, Math.floor(room / 2), '');
  return clip(text, room - widthOf(end), '') + mark + end;
}

function endOf(segments: readonly string[], width: number): string {
  let room = width;
  const left = segments.findLastIndex((segment) => {
    room -= widthOf(segment);
    return room < 0;
  });
  return segments.slice(left + 1).join('');
}

/** What a reader takes for characters. To know them takes longer to load than most commands run. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** How wide a column of names is; one that is longer does not push all others away. */
export function widthOfNames(names: readonly string[]): number {
  return Math.min(widestName, Math.max(0, ...names.map(widthOf)));
}

/**
 * A text broken between words so that no row is wider than `width`, the last column of which stays free; all rows but the
 * first begin with `indent`. A word that is too long is left to the terminal, so that it can be copied whole.
 */
export function wrapWords(text: string, width: number, indent: string): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (row !== '' && widthOf(row + word) >= width) {
      rows.push(row);
      row = indent + word.trimStart();
    } else {
      row += word;
    }
  }
  return [...rows, row];
}
