import { addressesOfService } from '../../report/addresses.ts';
import { lookOf } from '../../report/shapes.ts';
import { isBad, isInProgress, isReady } from '../../report/state.ts';
import { describeDetail } from '../../report/summary.ts';
import type { Address, ServiceState, ServiceView, StepView, Usage, View } from '../../report/view.ts';
import { clipMiddle, pad, widthOf, widthOfNames } from '../../report/width.ts';
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
  const frame = frameOf(tree, view, options);
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
  /** The columns of facts there is room for, in their order; the others are left out. */
  readonly facts: readonly { readonly fact: Fact; readonly width: number }[];
}

function frameOf(tree: readonly TreeRow[], view: View, { columns, ascii, now }: ServicesOptions): Frame {
  const names = widthOfNames(view.services.map(({ name }) => name));
  const name = Math.min(names, Math.max(6, Math.floor(columns / 3)));
  const word = Math.max(0, ...view.services.map(({ state }) => lookOf(state, ascii).word.length));
  const told = tree.flatMap((row) =>
    row.kind !== 'group' && tellsFacts(row) ? [factsOf(row, { now, ascii })] : [],
  );
  const all = facts.map((fact) => ({
    fact,
    width: Math.max(0, ...told.map((one) => leastWidth(fact, one))),
  }));
  const room = columns - widthOfHead({ name, word });
  return {
    name,
    word,
    facts: fitting(
      all.filter(({ width }) => width > 0),
      room,
    ),
  };
}

/** Mark, shape, name and word, with blanks between. */
function widthOfHead({ name, word }: Pick<Frame, 'name' | 'word'>): number {
  return 3 + name + 1 + word + 1;
}

/** Leaves out what weighs most until the rest fits. */
function fitting(columns: Frame['facts'], room: number): Frame['facts'] {
  const needed = columns.reduce((sum, { width }) => sum + width + 1, -1);
  if (needed <= room || columns.length < 2) return columns;
  const heaviest = Math.max(...columns.map(({ fact }) => weights[fact]));
  return fitting(
    columns.filter(({ fact }) => weights[fact] !== heaviest),
    room,
  );
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
      ? pad(clipMiddle(row.service.name, frame.name, cutMark), frame.name)
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
  return [...head, ...clipLine(detailOf(row, view, options, frame), Math.max(0, room), cutMark)];
}

function stateOf(row: Exclude<TreeRow, { kind: 'group' }>): ServiceState {
  return row.kind === 'service' ? row.service.state : row.replica.state;
}

/** What a state alone does not say: what it does and for how long, why it failed, what it waits for, what it uses. */
function detailOf(
  row: Exclude<TreeRow, { kind: 'group' }>,
  view: View,
  options: ServicesOptions,
  frame: Frame,
): Line {
  const { service } = row;
  const state = stateOf(row);
  if (tellsFacts(row)) {
    const told = factsOf(row, options);
    return frame.facts.flatMap(({ fact, width }, place) => [
      ...(place === 0 ? [] : [{ text: ' ' }]),
      ...inColumn(fact, told[fact], width),
    ]);
  }
  if (isInProgress(state)) return progressOf(service, view, options);
  return [{ text: describeDetail(service, view), ...(isBad(state) ? { style: 'red' as const } : {}) }];
}

/** Of what is not as it should be more has to be said than numbers. */
function tellsFacts(row: Exclude<TreeRow, { kind: 'group' }>): boolean {
  return row.kind === 'replica' || isReady(row.service.state);
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

/** What is told of something that runs, each in a column of its own. */
const facts = ['count', 'restarts', 'cpu', 'history', 'memory', 'since', 'ports'] as const;
type Fact = (typeof facts)[number];

/** What is wanted least weighs most: it is left out first where there is no room. */
const weights: Readonly<Record<Fact, number>> = {
  count: 1,
  restarts: 2,
  ports: 3,
  cpu: 4,
  memory: 5,
  since: 6,
  history: 7,
};

function factsOf(
  row: Exclude<TreeRow, { kind: 'group' }>,
  { now, ascii }: Pick<ServicesOptions, 'now' | 'ascii'>,
): Readonly<Record<Fact, Line>> {
  const { service } = row;
  const { replicas } = service;
  const replica = row.kind === 'replica' ? row.replica : undefined;
  const running = replicas.filter(({ container }) => container === 'running').length;
  const restarts = replica?.restarts ?? replicas.reduce((sum, one) => sum + one.restarts, 0);
  const usage = replica === undefined ? usageOf(service) : replica.usage;
  const since = replica === undefined ? oldestStart(service) : replica.startedAt;
  const addresses = replica === undefined ? addressesOfService(service) : [];
  const there = countOf(service);
  return {
    count: replica === undefined && there > 1 ? [{ text: `${running}/${there}` }] : [],
    restarts: restarts === 0 ? [] : [{ text: `${ascii ? 'r' : '↻'}${restarts}`, style: 'yellow' }],
    cpu: usage === undefined ? [] : cpuOf(usage),
    history:
      usage === undefined ? [] : [{ text: sparkline(usage.cpuHistory, 6, { most: mostOf(usage), ascii }) }],
    memory: usage === undefined ? [] : memoryOf(usage),
    since: since === undefined ? [] : [{ text: shortElapsed(now - since).padStart(4), style: 'dim' }],
    ports: addresses.flatMap((address, index) => [...(index === 0 ? [] : [{ text: ' ' }]), portOf(address)]),
  };
}

/** How wide its column has to be for a fact. Ports are last: of several the first has to be seen. */
function leastWidth(fact: Fact, told: Readonly<Record<Fact, Line>>): number {
  return widthOfLine(fact === 'ports' ? told.ports.slice(0, 1) : told[fact]);
}

/** Numbers stand below each other by their ends. */
const numbers: ReadonlySet<Fact> = new Set(['cpu', 'memory', 'since']);

function inColumn(fact: Fact, told: Line, width: number): Line {
  const blank: Line = [{ text: ' '.repeat(Math.max(0, width - widthOfLine(told))) }];
  return numbers.has(fact) ? [...blank, ...told] : [...told, ...blank];
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
