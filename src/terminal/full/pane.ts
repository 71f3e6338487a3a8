import { causeOf, formatLocation } from '../../report/problems.ts';
import { lookOf } from '../../report/shapes.ts';
import { timelineOf } from '../../report/timeline/timeline.ts';
import type { BuildPartView, ServiceView, StepView } from '../../report/view.ts';
import { formatBytes, formatDuration, formatElapsed } from '../../report/words.ts';
import type { Subject } from '../desk.ts';
import { readColours } from '../logs/colours.ts';
import { describeLogs, layOutLogs } from '../logs/pane.ts';
import { layOutRows } from '../logs/rows.ts';
import { fitLine, type Line, type Span } from '../spans.ts';
import { layOutTimeline } from '../timeline.ts';
import { areasOf, focusOf } from './areas.ts';
import { rowsOfServices } from './services.ts';
import { sparkline } from './sparkline.ts';
import { type FullState, logSize } from './state.ts';
import { selectionIn } from './tree.ts';
import { formatMemory, formatPercent, isShort, usageOf } from './usage.ts';
import type { World } from './world.ts';

/** What the pane can show; all but logs and timeline is about the selected service. */
export type Tab = 'logs' | Read | 'build' | 'stats' | 'timeline';
type Read = 'why' | 'env' | 'processes' | 'inspect';

const order: readonly Tab[] = ['logs', 'why', 'env', 'build', 'processes', 'stats', 'inspect', 'timeline'];

/** What a tab shows of what has to be looked up first. */
const subjects: Readonly<Record<Read, readonly Subject[]>> = {
  why: ['why', 'plan'],
  env: ['environment'],
  processes: ['processes'],
  inspect: ['inspect'],
};

/** The tabs there are. */
export function tabsOf({ canRead, view }: World): readonly Tab[] {
  return order.filter(
    (tab) => (canRead || !isRead(tab)) && (tab !== 'timeline' || view.startup !== undefined),
  );
}

/** What has to be looked up for what is shown now. */
export function wantedSubjects({ tab }: FullState): readonly Subject[] {
  return isRead(tab) ? subjects[tab] : [];
}

/** The names of the tabs, with the one that is shown marked, and what the logs show. */
export function layOutTabs(state: FullState, world: World, columns: number): Line {
  const { ascii } = world;
  const tabs = tabsOf(world);
  const focused = focusOf(state.focus, areasOf(world.columns, world.rows, 0).shape) === 'pane';
  const names = tabs.flatMap((tab): Span[] => {
    const chosen = tab === state.tab;
    return [
      { text: chosen ? '[' : ' ', style: 'dim' },
      {
        text: tab,
        ...(chosen ? { style: 'bold' as const } : {}),
        ...(chosen && focused ? { inverse: true } : {}),
      },
      { text: chosen ? ']' : ' ', style: 'dim' },
    ];
  });
  return fitLine(names, columns, ascii ? '~' : '…');
}

/** What the pane shows: exactly as many lines as it has rows. */
export function layOutPane(state: FullState, world: World): readonly Line[] {
  const { columns, rows, view, ascii } = world;
  const { pane } = areasOf(columns, rows, rowsOfServices(view));
  const mark = ascii ? '~' : '…';
  const size = logSize(world);
  const fitted = (line: Line): Line => fitLine(line, pane.columns, mark);
  if (state.tab === 'logs') {
    const title = describeLogs(state.logs, world.book, size).map((span): Span => ({ style: 'dim', ...span }));
    return [fitted(title), ...layOutLogs(state.logs, world.book, size).map(fitted)].slice(0, pane.rows);
  }
  const content = contentOf(state, world);
  const room = size.rows;
  const last = Math.max(0, content.length - room);
  const top = Math.min(state.scroll ?? last, last);
  const below = content.length - top - room;
  const service = selectionIn(view, state.selected)?.service ?? '';
  const place = content.length <= room ? '' : `  ${top + 1}-${top + room} of ${content.length}`;
  const title: Line = [
    {
      text: state.tab === 'timeline' ? 'timeline: the last start' : `${state.tab}: ${service}`,
      style: 'dim',
    },
    { text: place, style: 'dim' },
    { text: below > 0 ? (ascii ? ' v' : ' ↓') : '', style: 'dim' },
  ];
  const shown = content.slice(top, top + room);
  return [title, ...Array.from({ length: room }, (_, row) => shown[row] ?? [])]
    .slice(0, pane.rows)
    .map(fitted);
}

/** All lines of a tab that is not the logs, as wide as the pane. */
export function contentOf(state: FullState, world: World): readonly Line[] {
  const { columns, rows, view, ascii } = world;
  const { pane } = areasOf(columns, rows, rowsOfServices(view));
  const name = selectionIn(view, state.selected)?.service;
  const service = view.services.find((other) => other.name === name);
  if (service === undefined) return [[{ text: 'no services', style: 'dim' }]];
  const lines = linesOf(state, service, world, pane.columns);
  return lines.flatMap((line) =>
    // The columns of a table stay where they are.
    layOutRows(line, { width: Math.max(1, pane.columns), wrap: state.tab !== 'processes', left: 0, ascii }),
  );
}

function linesOf(state: FullState, service: ServiceView, world: World, columns: number): readonly Line[] {
  const { tab } = state;
  switch (tab) {
    case 'logs':
      return [];
    case 'timeline':
      return timelineLines(world, columns);
    case 'build':
      return buildLines(service, world);
    case 'stats':
      return statsLines(service, world, columns);
    default:
      return [
        ...(tab === 'why' ? failureLines(service, world.view.directory) : []),
        ...subjects[tab].flatMap((subject, place) => [
          ...(place === 0 ? [] : [[]]),
          ...readLines(subject, service.name, world),
        ]),
      ];
  }
}

/** What its last step failed of, which the engine knows nothing about: a build, a pull, a wait. */
function failureLines({ failure }: ServiceView, directory: string): readonly Line[] {
  if (failure === undefined) return [];
  const { message, location, hint } = failure;
  const place = location === undefined ? '' : ` (${formatLocation(location, directory)})`;
  return [
    [{ text: `${message}${place}`, style: 'red' }],
    ...causeOf(failure).map((text): Line => [{ text: `  ${text}` }]),
    ...(hint === undefined ? [] : [[{ text: `hint: ${hint}` }]]),
    [],
  ];
}

function timelineLines({ view, now, ascii }: World, columns: number): readonly Line[] {
  const timeline = timelineOf(view, now);
  if (timeline === undefined) return [[{ text: 'nothing had to be started', style: 'dim' }]];
  // Above the bars their axis, below them what they mean.
  return layOutTimeline(timeline, { columns, rows: timeline.services.length + 3, ascii });
}

function readLines(subject: Subject, service: string, { read }: World): readonly Line[] {
  const reading = read(subject, service);
  if (reading === undefined || (reading.pending && reading.lines.length === 0)) {
    return [[{ text: 'looking it up', style: 'dim' }]];
  }
  const lines = reading.lines.map(readColours);
  return reading.problem === undefined ? lines : [[{ text: reading.problem, style: 'red' }], ...lines];
}

function buildLines({ build, built, image, name }: ServiceView, world: World): readonly Line[] {
  const { now, ascii } = world;
  if (!built) return [[{ text: `${name} has no build: its image is ${image}`, style: 'dim' }]];
  if (build === undefined)
    return [[{ text: 'not built since this began: the image was there', style: 'dim' }]];
  const { parts, output } = build;
  return [
    [
      { text: `${build.title}: ` },
      ...describeStep(build, now),
      { text: `  because ${build.because}`, style: 'dim' },
    ],
    ...parts.flatMap((part) => partLines(part, now, ascii)),
    // Some builders do not tell which step a line is of.
    ...(parts.length === 0 ? output.map((line): Line => [{ text: '  ' }, ...readColours(line)]) : []),
  ];
}

function describeStep({ state, startedAt, milliseconds, text }: StepView, now: number): Line {
  switch (state) {
    case 'running':
      return [
        { text: `running for ${formatElapsed(now - (startedAt ?? now))}`, style: 'yellow' },
        { text: text === undefined ? '' : `  ${text}` },
      ];
    case 'done':
      return [{ text: `done${took(milliseconds)}`, style: 'green' }];
    case 'failed':
      return [{ text: `failed${took(milliseconds)}`, style: 'red' }];
    default:
      return [{ text: state, style: 'dim' }];
  }
}

function partLines(
  { name, state, startedAt, milliseconds, output }: BuildPartView,
  now: number,
  ascii: boolean,
): readonly Line[] {
  const looks = {
    running: 'building',
    done: 'done',
    cached: 'done',
    failed: 'failed',
    cancelled: 'skipped',
  } as const;
  const { shape, style } = lookOf(looks[state], ascii);
  const told = {
    running: formatElapsed(now - startedAt),
    done: milliseconds === undefined ? '' : formatDuration(milliseconds),
    cached: 'cached',
    failed: `failed${took(milliseconds)}`,
    cancelled: 'cancelled',
  }[state];
  // What was done and went well needs no words.
  const lines = state === 'running' || state === 'failed' ? output : [];
  return [
    [
      { text: `${shape} `, style },
      { text: name },
      { text: `  ${told}`, style: state === 'failed' ? 'red' : 'dim' },
    ],
    ...lines.map((line): Line => [{ text: '    ' }, ...readColours(line)]),
  ];
}

function took(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : ` after ${formatDuration(milliseconds)}`;
}

function statsLines(service: ServiceView, { ascii }: World, columns: number): readonly Line[] {
  const measured = service.replicas.flatMap(({ name, usage }) =>
    usage === undefined ? [] : [{ name, usage }],
  );
  if (measured.length === 0) return [[{ text: 'not measured: nothing runs, or not yet', style: 'dim' }]];
  const total = usageOf(service);
  const all =
    measured.length > 1 && total !== undefined
      ? [{ name: `all ${measured.length}`, usage: total }, ...measured]
      : measured;
  const width = Math.max(10, Math.min(60, columns - 4));
  return all.flatMap(({ name, usage }): Line[] => {
    const { cpuHistory, memoryHistory, cpuPercent, memory, memoryLimit } = usage;
    const chart = (values: readonly number[], most: number): Line => [
      { text: `    ${sparkline(values, width, { most, ascii })}` },
    ];
    const share = memoryLimit > 0 ? `, ${formatPercent((memory / memoryLimit) * 100)}` : '';
    const mostMemory = Math.max(...memoryHistory);
    return [
      [{ text: name, style: 'bold' }],
      [
        { text: '  cpu     ', style: 'dim' },
        { text: `${formatPercent(cpuPercent)}, most ${formatPercent(Math.max(...cpuHistory))}` },
      ],
      chart(cpuHistory, Math.max(100, ...cpuHistory)),
      [
        { text: '  memory  ', style: 'dim' },
        { text: `${formatMemory(usage)}${share}`, ...(isShort(usage) ? { style: 'red' as const } : {}) },
        { text: `, most ${formatBytes(mostMemory)}` },
      ],
      chart(memoryHistory, memoryLimit > 0 && mostMemory > memoryLimit / 4 ? memoryLimit : mostMemory),
      [],
    ];
  });
}

function isRead(tab: Tab): tab is Read {
  return Object.hasOwn(subjects, tab);
}
