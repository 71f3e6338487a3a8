import { clip, clipStart, widthOf } from '../../report/width.ts';
import { formatBytes } from '../../report/words.ts';
import { type KeyAction, shownKey, wordsOf } from '../keys.ts';
import { layOutRows } from '../logs/rows.ts';
import { clipLine, fitLine, type Line, type Span } from '../spans.ts';
import { statusLine } from '../status.ts';
import { type Areas, areasOf, focusOf, leastColumns, leastRows } from './areas.ts';
import { layOutFacts } from './facts.ts';
import { helpLines, isPossible } from './help.ts';
import { choicesOf, matching } from './orders.ts';
import { layOutPane, layOutTabs } from './pane.ts';
import { layOutServices, rowsOfServices } from './services.ts';
import type { FullState, Input, Over } from './state.ts';
import { countOf, selectionIn } from './tree.ts';
import { formatPercent, usageOfAll } from './usage.ts';
import type { World } from './world.ts';

/** The full screen: exactly `rows` lines, each one column narrower than the screen. */
export function layOutFull(state: FullState, world: World): readonly Line[] {
  const { columns, rows, view, ascii } = world;
  const areas = areasOf(columns, rows, rowsOfServices(view));
  const mark = ascii ? '~' : '…';
  const lines = areas.shape === 'none' ? tooSmall(world) : layOutShape(state, world, areas);
  return Array.from({ length: Math.max(1, rows) }, (_, row) => fitLine(lines[row] ?? [], areas.width, mark));
}

function layOutShape(state: FullState, world: World, areas: Areas): readonly Line[] {
  const { rows, ascii } = world;
  const mark = ascii ? '~' : '…';
  const header = headerOf(state, world, areas);
  const keys = keyLine(state, world, areas);
  const message = messageLines(state, world, areas.width);
  const { over } = state;
  if (over?.kind === 'help' || over?.kind === 'palette') {
    const body = layOutOver(over, state, world, areas);
    return areas.shape === 'small'
      ? covered([header, ...body, keys], message, 0)
      : covered([header, ...body, [], keys], message, 1);
  }
  const focus = focusOf(state.focus, areas.shape);
  const pane = layOutPane(state, world);
  const services = layOutServices(world.view, {
    ...areas.services,
    now: world.now,
    ascii,
    selected: selectionIn(world.view, state.selected),
    focused: focus === 'services',
  });
  switch (areas.shape) {
    case 'small':
      // There is room for one of them; the other one is a key away.
      return covered([header, ...(focus === 'services' ? services : pane), keys], message, 0);
    case 'narrow':
      return covered(
        [header, ...services, layOutTabs(state, world, areas.pane.columns), ...pane, [], keys],
        message,
        1,
      );
    default: {
      const facts = layOutFacts(world.view, selectionIn(world.view, state.selected), {
        ...areas.facts,
        now: world.now,
        ascii,
      });
      const left: readonly Line[] = [listTitle(state, world, areas), ...services, ...facts];
      const right: readonly Line[] = [layOutTabs(state, world, areas.pane.columns), ...pane];
      const bar: Span = { text: ascii ? ' | ' : ' │ ', style: 'dim' };
      const body = Array.from(
        { length: rows - 3 },
        (_, row): Line => [
          ...fitLine(left[row] ?? [], areas.services.columns, mark),
          bar,
          ...fitLine(right[row] ?? [], areas.pane.columns, mark),
        ],
      );
      return covered([header, ...body, [], keys], message, 1);
    }
  }
}

function tooSmall({ columns, rows, keys, ascii }: World): readonly Line[] {
  const back = keys['screen.full'][0];
  return [
    [{ text: `too small: ${columns}x${rows}` }],
    [{ text: `needs ${leastColumns}x${leastRows}` }],
    ...(back === undefined ? [] : [[{ text: `${shownKey(back, ascii)} inline` }]]),
  ];
}

/** `coins  4/5 ready · building rng · 3s            cpu 41% · mem 1.9 GB`. */
function headerOf(state: FullState, world: World, { width, shape }: Areas): Line {
  const { view, ascii, now } = world;
  const used = usageOfAll(view);
  const dot = ascii ? ' - ' : ' · ';
  const totals =
    used === undefined ? [] : [`cpu ${formatPercent(used.cpuPercent)}`, `mem ${formatBytes(used.memory)}`];
  const tab = shape === 'small' && state.tab !== 'logs' ? [state.tab] : [];
  const right = [...tab, ...totals].join(dot);
  const left = statusLine(view, { now, ascii });
  if (right === '' || widthOf(right) + 20 > width) return left;
  const room = width - widthOf(right) - 2;
  return [...fitLine(left, room, ascii ? '~' : '…'), { text: `  ${right}`, style: 'dim' }];
}

function listTitle(state: FullState, { view }: World, { services, shape }: Areas): Line {
  const focus = focusOf(state.focus, shape);
  const text = `services ${view.services.length}`;
  return clipLine(
    [{ text: ' ' }, { text, style: 'bold', inverse: focus === 'services' }],
    services.columns,
    '',
  );
}

function layOutOver(
  over: Extract<Over, { kind: 'help' | 'palette' }>,
  state: FullState,
  world: World,
  { over: { columns, rows } }: Areas,
): readonly Line[] {
  if (over.kind === 'help') {
    const lines = helpLines(state, world, columns);
    const top = Math.max(0, Math.min(over.scroll, lines.length - rows));
    return Array.from({ length: rows }, (_, row) => lines[top + row] ?? []);
  }
  const found = matching(choicesOf(world), over.text);
  const at = Math.max(0, Math.min(over.at, found.length - 1));
  const room = Math.max(1, rows - 1);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), found.length - room));
  const cursor = world.ascii ? '_' : '▏';
  const count = `  ${found.length} of ${choicesOf(world).length}`;
  return [
    [{ text: ': ', style: 'bold' }, { text: over.text }, { text: cursor }, { text: count, style: 'dim' }],
    ...Array.from({ length: room }, (_, row): Line => {
      const choice = found[top + row];
      if (choice === undefined)
        return row === 0 && found.length === 0 ? [{ text: '  nothing like that', style: 'dim' }] : [];
      const chosen = top + row === at;
      const key = choice.action === undefined ? undefined : world.keys[choice.action][0];
      return [
        { text: chosen ? '> ' : '  ', style: 'bold' },
        { text: choice.words, inverse: chosen },
        { text: key === undefined ? '' : `  ${shownKey(key, world.ascii)}`, style: 'dim' },
      ];
    }),
  ];
}

/** What is said for a moment lies over the last rows above so many others. */
function covered(lines: readonly Line[], over: readonly Line[], below: number): readonly Line[] {
  const end = lines.length - below;
  return [...lines.slice(0, Math.max(0, end - over.length)), ...over, ...lines.slice(end)];
}

/** A question, what is typed, or what was answered, in as many rows as that needs; none if there is nothing to be said. */
function messageLines({ over, message }: FullState, world: World, width: number): readonly Line[] {
  if (over?.kind === 'input') return [inputLine(over, world, width)];
  const line = over?.kind === 'confirm' ? questionLine(over.question) : answerLine(message);
  if (line.length === 0) return [];
  const { rows, ascii } = world;
  const wrapped = layOutRows(line, { width, wrap: true, left: 0, ascii });
  const most = Math.max(1, Math.floor(rows / 3));
  if (wrapped.length <= most) return wrapped;
  const mark: Span = { text: ascii ? '~' : '…' };
  return [...wrapped.slice(0, most - 1), [...clipLine(wrapped[most - 1] ?? [], width - 1, ''), mark]];
}

function questionLine(question: string): Line {
  return [
    { text: 'y/N ', style: 'bold' },
    { text: question, style: 'yellow' },
  ];
}

function answerLine(message: FullState['message']): Line {
  if (message === undefined) return [];
  const styles = { good: 'green', busy: 'yellow', bad: 'red' } as const;
  return [{ text: message.text, style: styles[message.tone] }];
}

function inputLine({ purpose, text, service }: Input, { view, ascii }: World, width: number): Line {
  const now = view.services.find(({ name }) => name === service);
  const label = {
    filter: 'filter (/regular expression/, or words): ',
    search: 'search: ',
    scale: `replicas of ${service} (now ${now === undefined ? 0 : countOf(now)}): `,
    run: `run in a new container of ${service}: `,
    save: 'save to: ',
  }[purpose];
  const cursor = ascii ? '_' : '▏';
  const mark = ascii ? '~' : '…';
  const shownLabel = clip(label, Math.max(8, width - 20), mark);
  const room = Math.max(4, width - widthOf(shownLabel) - widthOf(cursor));
  return [{ text: shownLabel, style: 'bold' }, { text: clipStart(text, room, mark) }, { text: cursor }];
}

/** The keys that matter most where one is; as many as there is room for, and always how to see the rest. */
function keyLine({ focus, over, tab }: FullState, world: World, { width, shape }: Areas): Line {
  const { ascii } = world;
  if (over !== undefined) return [{ text: overKeys[over.kind], style: 'dim' }];
  const own: readonly KeyAction[] =
    focusOf(focus, shape) === 'services'
      ? [
          'services.open',
          'logs.filter',
          'service.restart',
          'service.rebuild',
          'service.shell',
          'service.toggle',
          'service.open',
        ]
      : tab === 'logs'
        ? [
            'logs.filter',
            'logs.search',
            'logs.next-error',
            'logs.follow',
            'logs.level',
            'logs.mute',
            'logs.wrap',
          ]
        : ['pane.page-down', 'pane.page-up', 'tab.next'];
  const rest: readonly KeyAction[] = [
    'tab.next',
    'logs.solo',
    'logs.all',
    'screen.focus',
    'screen.full',
    'stack.watch',
  ];
  const told = [...own, ...rest].filter(
    (action, place, all) => isPossible(action, world) && all.indexOf(action) === place,
  );
  const always: readonly KeyAction[] = ['screen.help', 'screen.palette', 'screen.detach', 'screen.interrupt'];
  const fixed = always.filter((action) => isPossible(action, world)).map((action) => labelOf(action, world));
  const separator = ascii ? '  ' : ' · ';
  const parts: string[] = [];
  const length = (texts: readonly string[]): number => widthOf([...texts, ...fixed].join(separator));
  for (const action of told) {
    const label = labelOf(action, world);
    if (label === undefined || length([...parts, label]) > width) continue;
    parts.push(label);
  }
  return clipLine(
    [{ text: [...parts, ...fixed].filter((part) => part !== undefined).join(separator), style: 'dim' }],
    width,
    ascii ? '~' : '…',
  );
}

const overKeys = {
  help: 'Up Down PgUp PgDn: scroll  any other key: back',
  palette: 'Up Down: choose  Enter: do it  Esc: back',
  confirm: 'y: yes  any other key: no',
  input: 'Enter: take it  Esc: back',
} as const;

function labelOf(action: KeyAction, { keys, ascii, interruptStops, view }: World): string | undefined {
  const bound = keys[action];
  const key = bound[0];
  if (key === undefined) return undefined;
  if (action === 'screen.interrupt') {
    const words = !interruptStops ? 'leave' : view.phase === 'stopping' ? 'kill now' : 'stop';
    return `${shownKey(key, ascii)} ${words}`;
  }
  if (action === 'logs.solo') return `${key}-${bound.at(-1)} solo`;
  const short: Partial<Record<KeyAction, string>> = {
    'logs.all': 'all',
    'screen.full': 'inline',
    'service.open': 'open',
    'logs.next-error': 'error',
    'service.toggle': 'start/stop',
  };
  return `${shownKey(key, ascii)} ${short[action] ?? wordsOf(action)}`;
}
