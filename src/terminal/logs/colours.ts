import { sgrSource } from '../../report/sanitise.ts';
import type { Span } from '../spans.ts';

const code = new RegExp(sgrSource, 'g');

interface Look {
  readonly attributes: ReadonlySet<number>;
  readonly foreground: string;
  readonly background: string;
}

const plain: Look = { attributes: new Set(), foreground: '', background: '' };

/** The pieces of a text with SGR codes, each with all that is in force there. Blinking and hiding are not kept. */
export function readColours(text: string): readonly Span[] {
  if (!text.includes('\u001B')) return [{ text }];
  const spans: Span[] = [];
  let look = plain;
  let from = 0;
  const take = (to: number): void => {
    if (to > from) spans.push(withLook(text.slice(from, to), look));
  };
  for (const found of text.matchAll(code)) {
    take(found.index);
    from = found.index + found[0].length;
    look = apply(look, found[0].slice(2, -1));
  }
  take(text.length);
  return spans;
}

function withLook(text: string, { attributes, foreground, background }: Look): Span {
  const sgr = [...attributes, foreground, background].filter((part) => part !== '').join(';');
  return sgr === '' ? { text } : { text, sgr };
}

const kept: ReadonlySet<number> = new Set([1, 2, 3, 4, 7, 9]);
/** Codes that end attributes. */
const ends: Readonly<Record<number, readonly number[]>> = {
  22: [1, 2],
  23: [3],
  24: [4],
  27: [7],
  29: [9],
};

function apply(before: Look, parameters: string): Look {
  let { attributes, foreground, background } = before;
  const parts = parameters.split(';');
  for (let place = 0; place < parts.length; place += 1) {
    const part = parts[place] ?? '';
    const number = Number.parseInt(part, 10) || 0;
    if (number === 0) ({ attributes, foreground, background } = plain);
    else if (kept.has(number))
      attributes = part === '4:0' ? without(attributes, [4]) : new Set([...attributes, number]);
    else if (ends[number] !== undefined) attributes = without(attributes, ends[number]);
    else if (number === 39) foreground = '';
    else if (number === 49) background = '';
    else if (inRange(number, 30, 37) || inRange(number, 90, 97)) foreground = String(number);
    else if (inRange(number, 40, 47) || inRange(number, 100, 107)) background = String(number);
    else if (number === 38 || number === 48 || number === 58) {
      const [colour, taken] = extended(parts, place);
      place += taken;
      if (number === 38) foreground = colour;
      else if (number === 48) background = colour;
    }
  }
  return { attributes, foreground, background };
}

/** `38;5;N`, `38;2;R;G;B` or the same with colons in one part: the colour, and how many more parts it took. */
function extended(parts: readonly string[], place: number): readonly [colour: string, taken: number] {
  const part = parts[place] ?? '';
  if (part.includes(':')) {
    const numbers = part.split(':').filter((one) => one !== '');
    const [name = '', kind = '', ...values] = numbers;
    // Between kind and colours there may be a colour space.
    const wanted = values.slice(kind === '2' ? -3 : -1);
    return [[name, kind, ...wanted].join(';'), 0];
  }
  const length = parts[place + 1] === '5' ? 2 : parts[place + 1] === '2' ? 4 : 0;
  const taken = parts.slice(place, place + length + 1);
  return [length === 0 || taken.length <= length ? '' : taken.map((one) => one || '0').join(';'), length];
}

function without(attributes: ReadonlySet<number>, ended: readonly number[]): ReadonlySet<number> {
  return new Set([...attributes].filter((one) => !ended.includes(one)));
}

function inRange(number: number, low: number, high: number): boolean {
  return number >= low && number <= high;
}
