import { addressesOfService } from '../../report/addresses.ts';
import { lookOf } from '../../report/shapes.ts';
import { isBad, isInProgress, isReady } from '../../report/state.ts';
import { describeDetail } from '../../report/summary.ts';
import type {
  Address,
  ReplicaView,
  ServiceState,
  ServiceView,
  StepView,
  Usage,
  View,
} from '../../report/view.ts';
import { clip, pad, widthOf, widthOfNames } from '../../report/width.ts';
import { formatBytes, formatElapsed } from '../../report/words.ts';
import { clipLine, fitLine, type Line, type Span, widthOfLine } from '../spans.ts';
import { progressBar, sparkline } from './sparkline.ts';
import { countOf, isSelected, type Selected, type TreeRow, treeOf } from './tree.ts';
import { formatPercent, isShort, usageOf } from './usage.ts';

export interface ServicesOptions {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly ascii: boolean;
  readonly selected: Selected | undefined;
  /** Whether keys move the selection. */
  readonly focused: boolean;
}

/** How many rows the list fills with a title above each group. */
export function rowsOfServices(view: View): number {
  return Math.max(1, treeOf(view, true).length);
}

/** The list of services: exactly `rows` lines of `columns`, with the selected one in sight. */
export function layOutServices(view: View, options: ServicesOptions): readonly Line[] {
  const { columns, rows, ascii, selected } = options;
  const titled = treeOf(view, true);
  const tree = titled.length <= rows ? titled : treeOf(view, false);
  const place = tree.findIndex((row) => isSelected(row, selected));
  const top = Math.max(0, Math.min(place - Math.floor(rows / 2), tree.length - rows));
  const shown = tree.slice(top, top + rows);
  const hidden = tree.length - top - shown.length;
  const frame = frameOf(view, options);
  return Array.from({ length: rows }, (_, row) => {
    const item = shown[row];
    const isLast = row === rows - 1 && hidden > 0;
    const line = item === undefined ? [] : rowOf(item, view, options, frame);
    if (!isLast) return fitLine(line, columns, ascii ? '~' : '…');
    const more: Span = { text: ` +${hidden}${ascii ? ' v' : ' ↓'}`, style: 'dim' };
    const room = columns - widthOf(more.text);
    return [...fitLine(line, room, ascii ? '~' : '…'), more];
  });
}

/** Widths that all rows share. */
interface Frame {
  readonly name: number;
  readonly word: number;
}

function frameOf(view: View, { columns, ascii }: ServicesOptions): Frame {
  const names = widthOfNames(view.services.map(({ name }) => name));
  const words = view.services.map(({ state }) => lookOf(state, ascii).word.length);
  return { name: Math.min(names, Math.max(6, Math.floor(columns / 3))), word: Math.max(0, ...words) };
}

function rowOf(row: TreeRow, view: View, options: ServicesOptions, frame: Frame): Line {
  const { ascii, selected, focused, columns } = options;
  if (row.kind === 'group') return [{ text: ` ${row.title}`, style: 'dim' }];
  const isChosen = isSelected(row, selected);
  const mark: Span = { text: isChosen ? '>' : ' ', ...(isChosen ? { style: 'bold' } : {}) };
  const { shape, word, style } = lookOf(stateOf(row), ascii);
  const cutMark = ascii ? '~' : '…';
  const name =
    row.kind === 'service'
      ? pad(clip(row.service.name, frame.name, cutMark), frame.name)
      : pad(`  -${row.replica.number}`, frame.name);
  const turned = isChosen && focused ? { inverse: true } : {};
  const head: Line = [
    mark,
    { text: shape, style },
    { text: ' ' },
    { text: name, ...turned },
    { text: ` ${pad(word, frame.word)} `, style },
  ];
  const room = columns - widthOfLine(head);
  return [...head, ...clipLine(detailOf(row, view, options, room), Math.max(0, room), cutMark)];
}

function stateOf(row: Exclude<TreeRow, { kind: 'group' }>): ServiceState {
  return row.kind === 'service' ? row.service.state : row.replica.state;
}

/** What a state alone does not say: what it does and for how long, why it failed, what it waits for, what it uses. */
function detailOf(
  row: Exclude<TreeRow, { kind: 'group' }>,
  view: View,
  options: ServicesOptions,
  room: number,
): Line {
  const { service } = row;
  const replica = row.kind === 'replica' ? row.replica : undefined;
  const state = stateOf(row);
  if (replica === undefined && isInProgress(state)) return progressOf(service, view, options);
  if (replica === undefined && !isReady(state)) {
    return [{ text: describeDetail(service, view), ...(isBad(state) ? { style: 'red' as const } : {}) }];
  }
  return factsOf(service, replica, options, room);
}

function progressOf(service: ServiceView, view: View, { now, ascii }: ServicesOptions): Line {
  const { activity = '', state, since } = service;
  const elapsed: Span = { text: formatElapsed(now - since), style: 'dim' };
  if (state === 'restarting') return [{ text: `${describeDetail(service, view)}  ` }, elapsed];
  const share = shareOf(service, view);
  const bar = share === undefined ? '' : `${progressBar(share, 6, ascii)} `;
  return [{ text: bar, style: 'yellow' }, elapsed, { text: activity === '' ? '' : `  ${activity}` }];
}

/** How much of the step that works for it is done. */
function shareOf({ name }: ServiceView, { plan }: View): number | undefined {
  const running = (step: StepView): boolean => step.service === name && step.state === 'running';
  const step = [...(plan?.steps.values() ?? [])].find(running);
  if (step?.current === undefined || step.total === undefined || step.total <= 0) return undefined;
  return step.current / step.total;
}

/** What is told of something that runs, as far as there is room, what is wanted most first. */
function factsOf(
  service: ServiceView,
  replica: ReplicaView | undefined,
  { now, ascii }: ServicesOptions,
  room: number,
): Line {
  const { replicas } = service;
  const running = replicas.filter(({ container }) => container === 'running').length;
  const restarts = replica?.restarts ?? replicas.reduce((sum, one) => sum + one.restarts, 0);
  const usage = replica === undefined ? usageOf(service) : replica.usage;
  const since = replica === undefined ? oldestStart(service) : replica.startedAt;
  const addresses = replica === undefined ? addressesOfService(service) : [];
  const there = countOf(service);
  const count = replica === undefined && there > 1 ? `${running}/${there}` : '';
  const facts: (readonly [weight: number, fact: Line])[] = [
    [1, count === '' ? [] : [{ text: count }]],
    [2, restarts === 0 ? [] : [{ text: `${ascii ? 'r' : '↻'}${restarts}`, style: 'yellow' }]],
    [4, usage === undefined ? [] : cpuOf(usage)],
    [
      7,
      usage === undefined ? [] : [{ text: sparkline(usage.cpuHistory, 6, { most: mostOf(usage), ascii }) }],
    ],
    [5, usage === undefined ? [] : memoryOf(usage)],
    [6, since === undefined ? [] : [{ text: shortElapsed(now - since).padStart(4), style: 'dim' }]],
    [3, addresses.flatMap((address, index) => [...(index === 0 ? [] : [{ text: ' ' }]), portOf(address)])],
  ];
  return fitting(
    facts.filter(([, fact]) => fact.length > 0),
    room,
  );
}

/** Leaves out what weighs most until the rest fits. */
function fitting(facts: readonly (readonly [weight: number, fact: Line])[], room: number): Line {
  const line = facts.flatMap(([, fact], index) => (index === 0 ? fact : [{ text: ' ' }, ...fact]));
  if (widthOfLine(line) <= room || facts.length < 2) return line;
  const heaviest = Math.max(...facts.map(([weight]) => weight));
  return fitting(
    facts.filter(([weight]) => weight !== heaviest),
    room,
  );
}

function cpuOf({ cpuPercent }: Usage): Line {
  return [
    {
      text: formatPercent(cpuPercent).padStart(4),
      ...(cpuPercent >= 90 ? { style: 'yellow' as const } : {}),
    },
  ];
}

function memoryOf(usage: Usage): Line {
  return [
    { text: formatBytes(usage.memory).padStart(7), ...(isShort(usage) ? { style: 'red' as const } : {}) },
  ];
}

/** A core in use fills the bars, more than that sets the scale. */
function mostOf({ cpuHistory }: Usage): number {
  return Math.max(100, ...cpuHistory);
}

/** `:8000`, as a link where it leads somewhere. */
function portOf({ text, url }: Address): Span {
  const port = /:\d+$/.exec(text)?.[0] ?? text;
  return url === undefined ? { text: port } : { text: port, style: 'underline', link: url };
}

function oldestStart({ replicas }: ServiceView): number | undefined {
  const starts = replicas.flatMap(({ container, startedAt }) =>
    container === 'running' && startedAt !== undefined ? [startedAt] : [],
  );
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** `<1m`, `12m`, `3h`, `2d`: told so roughly that it changes once a minute at most. */
export function shortElapsed(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return '<1m';
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
