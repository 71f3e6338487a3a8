import type { Key as InkKey } from 'ink';
import type { Key } from './keys.ts';

const graphemes = new Intl.Segmenter();

/** What is left of the sequence of a key that Ink does not know, or of what a terminal tells by itself; nobody types that. */
const unknownSequence = /^\[(?:[IO]|[?<>=][\d;]*[@-~]|\d+(?:;\d+)*[~A-Za-z])$/;

/** The names of the keys that Ink tells of; what was typed fast comes as one piece. */
export function keysOf(input: string, key: Partial<InkKey>): readonly Key[] {
  const named = nameOf(key);
  if (named !== undefined) return [named];
  if (key.ctrl) return /^[a-z]$/.test(input) ? [`ctrl-${input}`] : [];
  if (key.meta || unknownSequence.test(input)) return [];
  return [...graphemes.segment(input)].flatMap(({ segment }) => characterOf(segment));
}

function nameOf(key: Partial<InkKey>): Key | undefined {
  if (key.tab) return key.shift ? 'shift-tab' : 'tab';
  if (key.return) return 'enter';
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'page-up';
  if (key.pageDown) return 'page-down';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.escape) return 'escape';
  if (key.backspace) return 'backspace';
  if (key.delete) return 'delete';
  return undefined;
}

/** Controls among other characters were typed faster than the terminal handed them on. */
function characterOf(segment: string): readonly Key[] {
  if (segment === ' ') return ['space'];
  if (segment === '\r' || segment === '\n' || segment === '\r\n') return ['enter'];
  if (segment === '\t') return ['tab'];
  if (segment === '\u007F' || segment === '\b') return ['backspace'];
  const code = segment.charCodeAt(0);
  if (code < 0x20) return code >= 1 && code <= 26 ? [`ctrl-${String.fromCharCode(96 + code)}`] : [];
  return [segment];
}
