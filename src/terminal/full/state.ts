import type { Order } from '../desk.ts';
import type { Focus } from '../keys.ts';
import { changeLogs, initialLogs, type LogsCommand, type LogsState } from '../logs/state.ts';
import type { PaneSize } from '../logs/viewport.ts';
import { areasOf, focusOf } from './areas.ts';
import { questionFor } from './orders.ts';
import type { Tab } from './pane.ts';
import { rowsOfServices } from './services.ts';
import type { Selected } from './tree.ts';
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
  const { columns, rows, view, ascii, keys } = world;
  const { pane } = areasOf(columns, rows, rowsOfServices(view));
  // Its first row tells what is shown.
  return {
    columns: Math.max(1, pane.columns),
    rows: Math.max(1, pane.rows - 1),
    ascii,
    services: view.services.map(({ name }) => name),
    keys,
  };
}

/** The state after the logs were told to be shown in another way. */
export function command(state: FullState, logsCommand: LogsCommand, world: World): FullState {
  return { ...state, logs: changeLogs(state.logs, logsCommand, world.book, logSize(world)) };
}

/** The state without what lies above the panes. */
export function close(state: FullState): FullState {
  return { ...state, over: undefined };
}

/** Gives an order, or asks before. */
export function give(state: FullState, order: Order, world: World): Step {
  if (!world.offers(order.kind)) return cannot(state, order.kind);
  const question = questionFor(order);
  if (question === undefined) return { state, wish: { kind: 'order', order } };
  return { state: { ...state, over: { kind: 'confirm', order, question } } };
}

/** What was wanted is not to be had here. */
export function cannot(state: FullState, kind: Order['kind']): Step {
  return say(state, `${kind}: not possible here`);
}

/** Why something cannot be done. */
export function say(state: FullState, text: string): Step {
  return { state: tell(state, { text, tone: 'bad' }) };
}

/** A line is to be typed. */
export function ask(state: FullState, purpose: Input['purpose'], text: string, service: string): FullState {
  return { ...state, over: { kind: 'input', purpose, text, service, before: state.logs } };
}
