import { addressesOfService } from '../../report/addresses.ts';
import { lookOf } from '../../report/shapes.ts';
import { isBad, isInProgress, isReady } from '../../report/state.ts';
import { describeDetail } from '../../report/summary.ts';
import type { ServiceState, ServiceView, View } from '../../report/view.ts';
import { pad, widthOf, widthOfNames } from '../../report/width.ts';
import { formatElapsed } from '../../report/words.ts';
import { defaultKeys, type KeyAction, type KeyMap, shownKey } from '../keys.ts';
import { clipLine, type Line, type Span, widthOfLine } from '../spans.ts';
import { statusLine } from '../status.ts';

export interface FooterOptions {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970, for what still goes on. */
  readonly now: number;
  readonly ascii: boolean;
  /** Whether there is a key to leave the stack running. */
  readonly canDetach: boolean;
  /** False: Ctrl-C leaves the stack as it is. */
  readonly interruptStops?: boolean;
  /** Whether keys are read at all. */
  readonly hasKeys: boolean;
  /** Absent: nobody has changed them. */
  readonly keys?: KeyMap;
}

const tallest = 8;

/** The live lines below the logs: what all of it does, each service, and the keys. Never as tall as the screen. */
export function layOutFooter(view: View, options: FooterOptions): readonly Line[] {
  const { columns, rows, ascii } = options;
  // The last column stays free: terminals differ in what they do when it is written to.
  const width = Math.max(1, columns - 1);
  const clipped = (line: Line): Line => clipLine(line, width, ascii ? '~' : '…');
  const status = statusLine(view, options);
  if (columns < 40 || rows < 8) return [clipped(status)];
  const room = Math.max(3, Math.min(tallest, Math.floor(rows / 3)));
  const keys = options.hasKeys ? [keyLine(view, options)] : [];
  const left = room - 1 - keys.length;
  const services =
    view.services.length <= left
      ? view.services.map((service) => serviceRow(service, view, options))
      : packed(view, left, width, ascii);
  const lines = [status, ...services, ...keys];
  // A blank row sets it apart from the logs if there is one to spare.
  return (lines.length < room ? [[{ text: ' ' }], ...lines] : lines).map(clipped);
}

function keyLine(
  { phase }: View,
  { canDetach, interruptStops = true, keys: bound = defaultKeys, ascii }: FooterOptions,
): Line {
  if (phase === 'stopping' && interruptStops) return [{ text: '^C kill now', style: 'dim' }];
  const separator = ascii ? '  ' : ' · ';
  const interrupt = interruptStops ? '^C stop (again: kill)' : '^C leave';
  const labelled = (action: KeyAction, words: string): readonly string[] => {
    const [key] = bound[action];
    return key === undefined ? [] : [`${shownKey(key, ascii)} ${words}`];
  };
  const keys = [
    interrupt,
    ...(canDetach ? labelled('screen.detach', 'detach') : []),
    ...labelled('screen.full', 'full'),
    ...labelled('screen.help', 'keys'),
  ];
  return [{ text: keys.join(separator), style: 'dim' }];
}

/** `◐ rng     building  [2/3] COPY . .  3s`. */
function serviceRow(service: ServiceView, view: View, { now, ascii }: FooterOptions): Line {
  const nameWidth = widthOfNames(view.services.map(({ name }) => name));
  const looks = view.services.map(({ state }) => lookOf(state, ascii));
  const wordWidth = Math.max(...looks.map(({ word }) => word.length));
  const { shape, word, style } = lookOf(service.state, ascii);
  return [
    { text: shape, style },
    { text: ` ${pad(service.name, nameWidth)}  ` },
    { text: `${pad(word, wordWidth)}  `, style },
    ...rowDetail(service, view, now),
  ];
}

function rowDetail(service: ServiceView, view: View, now: number): Line {
  if (isInProgress(service.state)) {
    const { activity = '' } = service;
    const elapsed = formatElapsed(now - service.since);
    return [{ text: activity === '' ? '' : `${activity}  ` }, { text: elapsed, style: 'dim' }];
  }
  const addresses = addressesOfService(service);
  const detail = describeDetail(service, view);
  const [address] = addresses;
  // The usual case: nothing to say but where it answers, which is worth a link.
  if (address?.url !== undefined && addresses.length === 1 && detail === address.text) {
    return [{ text: address.text, style: 'underline', link: address.url }];
  }
  return [{ text: detail, ...(isBad(service.state) ? { style: 'red' as const } : {}) }];
}

/** Many services on few rows: what needs eyes first, and how many more there are. */
function packed(view: View, rows: number, width: number, ascii: boolean): readonly Line[] {
  const services = [...view.services].sort((a, b) => urgency(a.state) - urgency(b.state));
  const lines: Line[] = [];
  let next = 0;
  while (lines.length < rows && next < services.length) {
    const isLast = lines.length === rows - 1;
    const line: Span[] = [];
    for (; next < services.length; next += 1) {
      const cell = describeCell(services[next], ascii);
      const more = isLast ? widthOf(describeRest(services.slice(next + 1))) : 0;
      if (line.length > 0 && widthOfLine(line) + widthOfLine(cell) + more > width) break;
      line.push(...cell);
    }
    if (isLast) line.push({ text: describeRest(services.slice(next)), style: 'dim' });
    lines.push(line);
  }
  return lines;
}

function describeCell(service: ServiceView | undefined, ascii: boolean): Line {
  if (service === undefined) return [];
  const { name, state } = service;
  const { shape, word, style } = lookOf(state, ascii);
  // That a service is well its shape says; the rest deserves the word.
  const told = isReady(state) ? '' : ` ${word}`;
  return [{ text: shape, style }, { text: ` ${name}` }, { text: `${told}  `, style }];
}

function urgency(state: ServiceState): number {
  if (isBad(state)) return 0;
  if (isInProgress(state)) return 1;
  return isReady(state) ? 3 : 2;
}

function describeRest(rest: readonly ServiceView[]): string {
  if (rest.length === 0) return '';
  const allReady = rest.every(({ state }) => isReady(state));
  return `+${rest.length} more${allReady ? ' ready' : ''}`;
}
