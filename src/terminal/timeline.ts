import type { Style } from '../report/paint.ts';
import type { Bar, Phase, ServiceTimeline, Timeline } from '../report/timeline/timeline.ts';
import { clip, pad, widthOf, widthOfNames } from '../report/width.ts';
import { formatDuration } from '../report/words.ts';
import { clipLine, type Line, type Span } from './spans.ts';

export interface ChartSize {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
}

const looks: Readonly<
  Record<Phase, { readonly unicode: string; readonly ascii: string; readonly style: Style }>
> = {
  pull: { unicode: '▒', ascii: 'p', style: 'magenta' },
  build: { unicode: '▓', ascii: 'b', style: 'yellow' },
  create: { unicode: '·', ascii: '.', style: 'dim' },
  start: { unicode: '█', ascii: 's', style: 'blue' },
  ready: { unicode: '─', ascii: '-', style: 'cyan' },
};

/** When two phases share a column, the one that says more is seen. */
const weight: readonly Phase[] = ['create', 'ready', 'start', 'pull', 'build'];

/** How services came up: a bar each on one axis of time, with what made all of it as long as it was marked by `!`. */
export function layOutTimeline(timeline: Timeline, { columns, rows, ascii }: ChartSize): readonly Line[] {
  const { services, total } = timeline;
  const nameWidth = Math.min(widthOfNames(services.map(({ service }) => service)), Math.floor(columns / 3));
  const timeWidth = 8;
  const room = Math.max(1, columns - nameWidth - timeWidth - 6);
  const scale = room / Math.max(1, total);
  const shown = services.slice(0, Math.max(1, rows - 3));
  const left = services.length - shown.length;
  const lines: readonly Line[] = [
    axis(total, room, nameWidth),
    ...shown.map((service) => row(service, { nameWidth, room, scale, ascii })),
    ...(left > 0 ? [[{ text: `  and ${left} more`, style: 'dim' } as const]] : []),
    legend(timeline, ascii),
  ];
  return lines.slice(0, rows).map((line) => clipLine(line, columns, ascii ? '~' : '…'));
}

interface Chart {
  readonly nameWidth: number;
  readonly room: number;
  readonly scale: number;
  readonly ascii: boolean;
}

function row(service: ServiceTimeline, { nameWidth, room, scale, ascii }: Chart): Line {
  const { bars, readyAt, failed } = service;
  const cells = Array.from({ length: room }, (_, column): Bar | undefined => {
    const [from, to] = [column / scale, (column + 1) / scale];
    // What is shorter than a column still has one.
    const here = bars.filter(
      (bar) => bar.from < to && (bar.to > from || Math.floor(bar.from * scale) === column),
    );
    return here.toSorted((a, b) => weight.indexOf(b.phase) - weight.indexOf(a.phase))[0];
  });
  const name = clip(service.service, nameWidth, ascii ? '~' : '…');
  const isCritical = bars.some(({ critical }) => critical);
  const end: Span = failed
    ? { text: 'failed', style: 'red' }
    : readyAt === undefined
      ? { text: '', style: 'dim' }
      : { text: formatDuration(readyAt), style: 'green' };
  return [
    { text: isCritical ? '! ' : '  ', ...(isCritical ? { style: 'red' as const } : {}) },
    { text: `${pad(name, nameWidth)}  `, ...(isCritical ? { style: 'bold' as const } : {}) },
    ...joined(cells.map((bar) => cell(bar, ascii))),
    { text: '  ' },
    end,
  ];
}

function cell(bar: Bar | undefined, ascii: boolean): Span {
  if (bar === undefined) return { text: ' ' };
  const { style, ...shapes } = looks[bar.phase];
  return { text: shapes[ascii ? 'ascii' : 'unicode'], style };
}

function joined(cells: readonly Span[]): readonly Span[] {
  return cells.reduce<Span[]>((spans, next) => {
    const last = spans.at(-1);
    if (last !== undefined && last.style === next.style)
      spans[spans.length - 1] = { ...last, text: last.text + next.text };
    else spans.push(next);
    return spans;
  }, []);
}

/** Times at equal distances, each where its column is. */
function axis(total: number, room: number, nameWidth: number): Line {
  const count = Math.max(1, Math.min(5, Math.floor(room / 12)));
  let text = '';
  for (let mark = 0; mark <= count; mark += 1) {
    const label = mark === 0 ? '0s' : formatDuration((total * mark) / count);
    const column = Math.round((room * mark) / count);
    const place = mark === count ? Math.max(widthOf(text), column - widthOf(label)) : column;
    text = pad(text, place) + label;
  }
  return [{ text: ' '.repeat(nameWidth + 4) }, { text, style: 'dim' }];
}

function legend({ services }: Timeline, ascii: boolean): Line {
  const used = new Set(services.flatMap(({ bars }) => bars.map(({ phase }) => phase)));
  const all: readonly Phase[] = ['pull', 'build', 'create', 'start', 'ready'];
  const spans = all
    .filter((phase) => used.has(phase))
    .flatMap((phase): readonly Span[] => [
      cell({ phase } as Bar, ascii),
      { text: ` ${phase === 'ready' ? 'until ready' : phase}  `, style: 'dim' },
    ]);
  return [{ text: '  ' }, ...spans, { text: '! what made it so long', style: 'dim' }];
}
