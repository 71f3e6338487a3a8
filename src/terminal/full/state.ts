import type { ServiceView } from '../../report/view.ts';
import { widthOf } from '../../report/width.ts';
import type { Order } from '../desk.ts';
import { actionOf, type Focus, type Key, type KeyAction } from '../keys.ts';
import { textOfLogs } from '../logs/pane.ts';
import { changeLogs, initialLogs, type LogsCommand, type LogsState } from '../logs/state.ts';
import type { PaneSize } from '../logs/viewport.ts';
import { areasOf, focusOf } from './areas.ts';
import { helpLines } from './help.ts';
import { type Choice, choicesOf, type Deed, isUp, matching, questionFor, runningReplica } from './orders.ts';
import { contentOf, type Tab, tabsOf } from './pane.ts';
import { rowsOfServices } from './services.ts';
import { countOf, moveSelection, type Selected, selectionIn } from './tree.ts';
import type { World } from './world.ts';

/** Where a person is on the full screen. What happens to the stack is in the view, not here. */
export interface FullState {
  readonly selected: Selected | undefined;
  /** Absent: what it is by itself on a screen of this size. */
  readonly focus: Focus | undefined;
  readonly tab: Tab;
  /** The first line of a tab that is seen; the logs have their own. Absent: the end, as it grows. */
  readonly scroll: number | undefined;
  readonly logs: LogsState;
  /** What lies above the panes and gets the keys. */
  readonly over: Over | undefined;
  readonly message: Message | undefined;
}

export type Over =
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'palette'; readonly text: string; readonly at: number }
  | { readonly kind: 'confirm'; readonly order: Order; readonly question: string }
  | Input;

/** A line that is typed. */
export interface Input {
  readonly kind: 'input';
  readonly purpose: 'filter' | 'search' | 'scale' | 'run' | 'save';
  readonly text: string;
  /** Whom it is about. */
  readonly service: string;
  /** The logs before it was typed: they follow each letter, and go back if it is given up. */
  readonly before: LogsState;
}

/** What an order answered. */
export interface Message {
  readonly text: string;
  readonly tone: 'good' | 'busy' | 'bad';
}

/** What has to be done outside of the state. */
export type Wish =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'redraw' }
  | { readonly kind: Leave };

/** Ways out of the screen, for good or for a while. */
export type Leave = 'inline' | 'detach' | 'interrupt' | 'suspend';

export interface Step {
  readonly state: FullState;
  readonly wish?: Wish;
}

export const initialFull: FullState = {
  selected: undefined,
  focus: undefined,
  tab: 'logs',
  scroll: 0,
  logs: initialLogs,
  over: undefined,
  message: undefined,
};

/** The state after a key. Pure; any key leaves a valid state, whatever has happened to the stack meanwhile. */
export function press(state: FullState, key: Key, world: World): Step {
  if (world.keys['screen.interrupt'].includes(key)) return { state, wish: { kind: 'interrupt' } };
  const { over } = state;
  switch (over?.kind) {
    case 'palette':
      return pressPalette(state, over, key, world);
    case 'confirm':
      return pressConfirm(state, over, key);
    case 'input':
      return pressInput(state, over, key, world);
    case 'help':
      return pressHelp(state, over, key, world);
    case undefined: {
      const action = actionOf(world.keys, placeOf(state, world), key);
      return action === undefined ? { state } : perform(state, action, world, key);
    }
  }
}

/** The state after text was pasted: it is text, whatever the keys of its letters do. */
export function paste(state: FullState, pasted: string, world: World): Step {
  const { over } = state;
  if (over?.kind !== 'palette' && over?.kind !== 'input') return { state };
  const words = pasted.slice(0, longestInput).replaceAll(/\p{Cc}+/gu, ' ');
  const text = (over.text + words).slice(0, longestInput);
  if (over.kind === 'palette') return { state: { ...state, over: { ...over, text, at: 0 } } };
  return { state: typed(state, { ...over, text }, world) };
}

/** The state after an order was answered or could not be carried out. */
export function tell(state: FullState, message: Message | undefined): FullState {
  return { ...state, message };
}

/** Which keys have a meaning of their own where the focus is. */
export function placeOf({ focus }: FullState, { columns, rows }: World): Focus {
  return focusOf(focus, areasOf(columns, rows, 0).shape);
}

/** How large the log pane is. */
export function logSize(world: World): PaneSize {
  const { columns, rows, view, ascii } = world;
  const { pane } = areasOf(columns, rows, rowsOfServices(view));
  // Its first row tells what is shown.
  return {
    columns: Math.max(1, pane.columns),
    rows: Math.max(1, pane.rows - 1),
    ascii,
    services: view.services.map(({ name }) => name),
  };
}

function perform(state: FullState, action: KeyAction, world: World, key?: Key): Step {
  const { view } = world;
  const [topic, verb = ''] = action.split('.');
  switch (topic) {
    case 'services': {
      const by = { up: -1, down: 1, first: -view.services.length * 1000, last: view.services.length * 1000 }[
        verb
      ];
      if (by !== undefined) return { state: { ...select(state, moveSelection(view, state.selected, by)) } };
      const name = selectionIn(view, state.selected)?.service;
      if (name === undefined) return { state };
      const alone =
        state.logs.filter.solo === name ? state : command(state, { kind: 'solo', service: name }, world);
      return { state: { ...alone, tab: 'logs', focus: 'pane' } };
    }
    case 'pane':
      return { state: movePane(state, verb as PaneMove, world) };
    case 'tab':
      return { state: turnTo(state, verb, world) };
    case 'logs':
      return performLogs(state, verb, world, key);
    case 'service': {
      const name = selectionIn(view, state.selected)?.service;
      const service = view.services.find((other) => other.name === name);
      return service === undefined ? { state } : performFor(state, action, service, world);
    }
    default:
      return performScreen(state, action, world);
  }
}

function performScreen(state: FullState, action: KeyAction, world: World): Step {
  switch (action) {
    case 'screen.help':
      return { state: { ...state, over: { kind: 'help', scroll: 0 } } };
    case 'screen.palette':
      return { state: { ...state, over: { kind: 'palette', text: '', at: 0 } } };
    case 'screen.full':
      return { state, wish: { kind: 'inline' } };
    case 'screen.focus':
      return { state: { ...state, focus: placeOf(state, world) === 'services' ? 'pane' : 'services' } };
    case 'screen.back':
      return { state: goBack(state, world) };
    case 'screen.redraw':
      return { state, wish: { kind: 'redraw' } };
    case 'screen.suspend':
      return world.canSuspend ? { state, wish: { kind: 'suspend' } } : { state };
    case 'screen.detach':
      return world.canDetach ? { state, wish: { kind: 'detach' } } : { state };
    case 'stack.apply':
      return give(state, { kind: 'apply' }, world);
    case 'stack.watch':
      return give(state, { kind: 'watch', on: !world.view.watch.on }, world);
    case 'stack.down':
      return give(state, { kind: 'down' }, world);
    default:
      return { state };
  }
}

/** From a message to no message, from the pane to the services, from one service to all. */
function goBack(state: FullState, world: World): FullState {
  if (state.message !== undefined) return tell(state, undefined);
  if (state.focus !== undefined) return { ...state, focus: undefined };
  if (state.tab !== 'logs') return { ...state, tab: 'logs' };
  return state.logs.filter.solo === undefined ? state : command(state, { kind: 'all' }, world);
}

function performFor(state: FullState, action: KeyAction, service: ServiceView, world: World): Step {
  const { name, replicas } = service;
  const services = [name];
  const replica = runningReplica(service, state.selected?.number);
  const url = replicas
    .flatMap(({ addresses }) => addresses)
    .find((address) => address.url !== undefined)?.url;
  switch (action) {
    case 'service.restart':
      return give(state, { kind: 'restart', services }, world);
    case 'service.rebuild':
      if (!service.built) return say(state, `${name} has no build: its image is ${service.image}`);
      return give(state, { kind: 'rebuild', services }, world);
    case 'service.recreate':
      return give(state, { kind: 'recreate', services }, world);
    case 'service.toggle':
      return give(state, { kind: isUp(service) ? 'stop' : 'start', services }, world);
    case 'service.pause': {
      const isPaused = replicas.some(({ container }) => container === 'paused');
      if (!isUp(service)) return say(state, `${name} does not run`);
      return give(state, { kind: isPaused ? 'unpause' : 'pause', services }, world);
    }
    case 'service.kill':
      return isUp(service)
        ? give(state, { kind: 'kill', services }, world)
        : say(state, `${name} does not run`);
    case 'service.shell':
      if (replica === undefined) return say(state, `${name} does not run`);
      return give(state, { kind: 'shell', service: name, number: replica.number }, world);
    case 'service.open':
      return url === undefined
        ? say(state, `${name} publishes no port for a browser`)
        : give(state, { kind: 'open', url }, world);
    case 'service.copy': {
      const text = replicas.flatMap(({ addresses }) => addresses)[0]?.text ?? replicas[0]?.name ?? name;
      return give(state, { kind: 'copy', text }, world);
    }
    case 'service.more':
      return give(state, { kind: 'scale', service: name, count: countOf(service) + 1 }, world);
    case 'service.fewer':
      return countOf(service) === 0
        ? { state }
        : give(state, { kind: 'scale', service: name, count: countOf(service) - 1 }, world);
    case 'service.scale':
      return world.offers('scale') ? { state: ask(state, 'scale', '', name) } : cannot(state, 'scale');
    case 'service.run':
      return world.offers('run') ? { state: ask(state, 'run', '', name) } : cannot(state, 'run');
    default:
      return { state };
  }
}

function performLogs(state: FullState, verb: string, world: World, key?: Key): Step {
  const { view, keys, book } = world;
  const shown = { ...state, tab: 'logs' as const };
  switch (verb) {
    case 'solo': {
      const place = key === undefined ? -1 : keys['logs.solo'].indexOf(key);
      const service = view.services[place]?.name;
      return service === undefined ? { state } : { state: command(shown, { kind: 'solo', service }, world) };
    }
    case 'mute': {
      const service = selectionIn(view, state.selected)?.service;
      return service === undefined ? { state } : { state: command(state, { kind: 'mute', service }, world) };
    }
    case 'filter':
      return { state: ask(shown, 'filter', state.logs.filter.pattern?.text ?? '', '') };
    case 'search':
      return { state: ask(shown, 'search', '', '') };
    case 'edit':
      if (!world.offers('edit')) return cannot(state, 'edit');
      return give(state, { kind: 'edit', text: textOfLogs(state.logs, book) }, world);
    case 'copy':
      if (!world.offers('copy')) return cannot(state, 'copy');
      return give(state, { kind: 'copy', text: textOfLogs(state.logs, book, logSize(world)) }, world);
    case 'save':
      if (!world.offers('save')) return cannot(state, 'save');
      return { state: ask(shown, 'save', `${view.name === '' ? 'stack' : view.name}.log`, '') };
    default: {
      const logsCommand = logCommands[verb];
      return { state: logsCommand === undefined ? state : command(shown, logsCommand, world) };
    }
  }
}

const logCommands: Readonly<Record<string, LogsCommand>> = {
  follow: { kind: 'toggle' },
  next: { kind: 'next-match' },
  previous: { kind: 'previous-match' },
  'next-error': { kind: 'next-error' },
  'previous-error': { kind: 'previous-error' },
  'first-error': { kind: 'first-error' },
  clear: { kind: 'clear' },
  level: { kind: 'level' },
  stream: { kind: 'stream' },
  all: { kind: 'all' },
  mark: { kind: 'mark' },
  wrap: { kind: 'wrap' },
  times: { kind: 'timestamps' },
  pretty: { kind: 'json' },
};

type PaneMove = 'up' | 'down' | 'left' | 'right' | 'top' | 'bottom' | 'page-up' | 'page-down';

function movePane(state: FullState, move: PaneMove, world: World): FullState {
  if (state.tab === 'logs') return command(state, { kind: move }, world);
  const { rows } = logSize(world);
  const last = Math.max(0, contentOf(state, world).length - rows);
  const now = Math.min(state.scroll ?? last, last);
  const by = {
    up: -1,
    down: 1,
    left: 0,
    right: 0,
    top: -last,
    bottom: last,
    'page-up': 1 - rows,
    'page-down': rows - 1,
  }[move];
  return { ...state, scroll: Math.max(0, Math.min(last, now + by)) };
}

function turnTo(state: FullState, verb: string, world: World): FullState {
  const tabs = tabsOf(world);
  const place = Math.max(0, tabs.indexOf(state.tab));
  const by = verb === 'next' ? 1 : verb === 'previous' ? -1 : undefined;
  const tab = by === undefined ? tabs.find((one) => one === verb) : tabs.at((place + by) % tabs.length);
  if (tab === undefined || tab === state.tab) return state;
  return { ...state, tab, scroll: tab === 'build' ? undefined : 0 };
}

function select(state: FullState, selected: Selected | undefined): FullState {
  const same = selected?.service === state.selected?.service;
  return { ...state, selected, ...(same ? {} : { scroll: state.tab === 'build' ? undefined : 0 }) };
}

function command(state: FullState, logsCommand: LogsCommand, world: World): FullState {
  return { ...state, logs: changeLogs(state.logs, logsCommand, world.book, logSize(world)) };
}

/** Gives an order, or asks before. */
function give(state: FullState, order: Order, world: World): Step {
  if (!world.offers(order.kind)) return cannot(state, order.kind);
  const question = questionFor(order);
  if (question === undefined) return { state, wish: { kind: 'order', order } };
  return { state: { ...state, over: { kind: 'confirm', order, question } } };
}

function cannot(state: FullState, kind: Order['kind']): Step {
  return say(state, `${kind}: not possible here`);
}

function say(state: FullState, text: string): Step {
  return { state: tell(state, { text, tone: 'bad' }) };
}

function ask(state: FullState, purpose: Input['purpose'], text: string, service: string): FullState {
  return { ...state, over: { kind: 'input', purpose, text, service, before: state.logs } };
}

function pressConfirm(state: FullState, over: Extract<Over, { kind: 'confirm' }>, key: Key): Step {
  const closed = close(state);
  if (key === 'y' || key === 'Y') return { state: closed, wish: { kind: 'order', order: over.order } };
  return { state: tell(closed, { text: 'nothing was done', tone: 'good' }) };
}

function pressHelp(state: FullState, over: Extract<Over, { kind: 'help' }>, key: Key, world: World): Step {
  const { columns, rows, view } = world;
  const area = areasOf(columns, rows, rowsOfServices(view)).over;
  const last = Math.max(0, helpLines(state, world, area.columns).length - area.rows);
  const page = Math.max(1, area.rows - 1);
  const moves: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    'page-up': -page,
    'page-down': page,
    space: page,
    home: -last,
    end: last,
  };
  const by = moves[key];
  if (by === undefined) return { state: close(state) };
  const scroll = Math.max(0, Math.min(last, Math.min(over.scroll, last) + by));
  return { state: { ...state, over: { ...over, scroll } } };
}

function pressPalette(
  state: FullState,
  over: Extract<Over, { kind: 'palette' }>,
  key: Key,
  world: World,
): Step {
  const found = matching(choicesOf(world), over.text);
  const at = Math.min(over.at, Math.max(0, found.length - 1));
  const move = (to: number): Step => ({
    state: { ...state, over: { ...over, at: Math.max(0, Math.min(found.length - 1, to)) } },
  });
  switch (key) {
    case 'escape':
    case 'ctrl-k':
      return { state: close(state) };
    case 'up':
    case 'ctrl-p':
    case 'shift-tab':
      return move(at - 1);
    case 'down':
    case 'ctrl-n':
    case 'tab':
      return move(at + 1);
    case 'page-up':
      return move(at - 10);
    case 'page-down':
      return move(at + 10);
    case 'enter': {
      const choice = found[at];
      return choice === undefined ? { state } : choose(close(state), choice, world);
    }
    default: {
      const text = edit(over.text, key);
      // Back beyond the beginning is out of it.
      if (text === undefined) return key === 'backspace' ? { state: close(state) } : { state };
      return { state: { ...state, over: { ...over, text, at: 0 } } };
    }
  }
}

function choose(state: FullState, { deed }: Choice, world: World): Step {
  const { view } = world;
  return doDeed(state, deed, view.services, world);
}

function doDeed(state: FullState, deed: Deed, services: readonly ServiceView[], world: World): Step {
  switch (deed.kind) {
    case 'order':
      return give(state, deed.order, world);
    case 'key':
      if (deed.action === 'screen.interrupt') return { state, wish: { kind: 'interrupt' } };
      return perform(state, deed.action, world);
    case 'for': {
      const service = services.find(({ name }) => name === deed.service);
      return service === undefined ? { state } : performFor(state, deed.action, service, world);
    }
    case 'solo':
    case 'mute':
      return { state: command({ ...state, tab: 'logs' }, deed, world) };
  }
}

function pressInput(state: FullState, input: Input, key: Key, world: World): Step {
  switch (key) {
    case 'escape':
      return { state: close({ ...state, logs: input.before }) };
    case 'enter':
      return submit(state, input, world);
    default: {
      const text = edit(input.text, key);
      return text === undefined ? { state } : { state: typed(state, { ...input, text }, world) };
    }
  }
}

/** Filters and searches take effect with each letter. */
function typed(state: FullState, input: Input, world: World): FullState {
  const changed = { ...state, over: input };
  if (input.purpose !== 'filter' && input.purpose !== 'search') return changed;
  return command({ ...changed, logs: input.before }, { kind: input.purpose, text: input.text }, world);
}

function submit(state: FullState, { purpose, text, service }: Input, world: World): Step {
  const closed = close(state);
  const words = text.trim();
  switch (purpose) {
    case 'filter':
    case 'search':
      return { state: closed };
    case 'scale': {
      if (words === '') return { state: closed };
      const count = /^\d{1,4}$/.test(words) ? Number(words) : undefined;
      if (count === undefined) return say(closed, `${words}: not a number of replicas`);
      return give(closed, { kind: 'scale', service, count }, world);
    }
    case 'run':
      return give(closed, { kind: 'run', service, words: words === '' ? [] : words.split(/\s+/) }, world);
    case 'save':
      if (words === '') return { state: closed };
      return give(closed, { kind: 'save', path: words, text: textOfLogs(state.logs, world.book) }, world);
  }
}

function close(state: FullState): FullState {
  return { ...state, over: undefined };
}

const graphemes = new Intl.Segmenter();
const longestInput = 500;

/** The text after a key, if that writes or takes away something. */
function edit(text: string, key: Key): string | undefined {
  switch (key) {
    case 'backspace':
    case 'delete':
    case 'ctrl-h': {
      const last = [...graphemes.segment(text)].at(-1);
      return last === undefined ? undefined : text.slice(0, last.index);
    }
    case 'ctrl-u':
      return '';
    case 'ctrl-w':
      return text.replace(/\S*\s*$/u, '');
    case 'space':
      return `${text} `;
    default: {
      const isCharacter = [...graphemes.segment(key)].length === 1 && widthOf(key) > 0;
      return isCharacter && text.length < longestInput ? text + key : undefined;
    }
  }
}
