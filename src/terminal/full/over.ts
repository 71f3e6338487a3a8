import type { ServiceView } from '../../report/view.ts';
import { widthOf } from '../../report/width.ts';
import type { Key } from '../keys.ts';
import { textOfLogs } from '../logs/pane.ts';
import { perform, performFor } from './actions.ts';
import { areasOf } from './areas.ts';
import { helpLines } from './help.ts';
import { type Choice, choicesOf, type Deed, matching } from './orders.ts';
import { rowsOfServices } from './services.ts';
import {
  close,
  command,
  type FullState,
  give,
  type Input,
  type Over,
  type Step,
  say,
  tell,
} from './state.ts';
import type { World } from './world.ts';

/** A key while a question is open. */
export function pressConfirm(state: FullState, over: Extract<Over, { kind: 'confirm' }>, key: Key): Step {
  const closed = close(state);
  if (key === 'y' || key === 'Y') return { state: closed, wish: { kind: 'order', order: over.order } };
  return { state: tell(closed, { text: 'nothing was done', tone: 'good' }) };
}

/** A key while the keys are shown. */
export function pressHelp(
  state: FullState,
  over: Extract<Over, { kind: 'help' }>,
  key: Key,
  world: World,
): Step {
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

/** A key while something is chosen from the palette. */
export function pressPalette(
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

/** A key while a line is typed. */
export function pressInput(state: FullState, input: Input, key: Key, world: World): Step {
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
export function typed(state: FullState, input: Input, world: World): FullState {
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
      return give(closed, { kind: 'run', service, text: words }, world);
    case 'save':
      if (words === '') return { state: closed };
      return give(closed, { kind: 'save', path: words, text: textOfLogs(state.logs, world.book) }, world);
  }
}

const graphemes = new Intl.Segmenter();
export const longestInput = 500;

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
