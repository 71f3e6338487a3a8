import type { ReadStream, WriteStream } from 'node:tty';
import { type Instance, render } from 'ink';
import type { LogBook } from '../../report/logs/book.ts';
import { sanitiseField } from '../../report/sanitise.ts';
import type { View } from '../../report/view.ts';
import { createCanvas } from '../canvas.ts';
import type { Desk, Lend, Order } from '../desk.ts';
import type { Frames } from '../frames.ts';
import { Keyboard } from '../keyboard.tsx';
import type { Key, KeyMap } from '../keys.ts';
import { isSettled } from '../logs/viewport.ts';
import type { TerminalScreen } from '../screen.ts';
import { isTicking } from '../status.ts';
import { layOutFull } from './layout.ts';
import { describeOrder } from './orders.ts';
import { type Tab, wantedSubjects } from './pane.ts';
import { paste, press } from './press.ts';
import { createReadings, describeError } from './readings.ts';
import { type FullState, initialFull, type Leave, type Step, tell } from './state.ts';
import { selectionIn } from './tree.ts';
import type { World } from './world.ts';

export interface FullOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly keys: KeyMap;
  readonly book: LogBook;
  readonly getView: () => View;
  readonly desk: Desk | undefined;
  readonly lend: Lend;
  readonly opensOn: Tab;
  readonly canDetach: boolean;
  readonly canSuspend: boolean;
  readonly interruptStops: boolean;
  readonly onLeave: (how: Leave) => void;
  /** There is something new to draw. */
  readonly onChange: Frames['request'];
}

export interface FullScreen extends TerminalScreen {
  /** A key that was typed on another screen and leads to this one. */
  press(key: Key): void;
}

/** How often what runs inside of containers is looked up again while it is shown. */
const processesInterval = 3000;

/** Panes over the whole of the terminal, in a buffer of their own. */
export function fullScreen(options: FullOptions): FullScreen {
  const { stdout, stdin, colour, ascii, keys, book, getView, desk, lend, onLeave, onChange } = options;
  const canvas = createCanvas((text) => stdout.write(text), { colour });
  const readings = createReadings(desk, colour, () => onChange('event'));
  let state: FullState = { ...initialFull, tab: options.opensOn };
  let ink: Instance | undefined;
  let measuring: AbortController | undefined;

  const world = (): World => ({
    view: getView(),
    book,
    keys,
    columns: stdout.columns || 80,
    rows: stdout.rows || 24,
    now: Date.now(),
    ascii,
    offers: (kind) => desk?.offers(kind) ?? false,
    canRead: desk !== undefined,
    canDetach: options.canDetach,
    canSuspend: options.canSuspend,
    interruptStops: options.interruptStops,
    read: readings.get,
  });

  const order = async (given: Order, by: Desk): Promise<void> => {
    const words = sanitiseField(describeOrder(given));
    const busy = { text: `${words}${ascii ? '...' : '…'}`, tone: 'busy' as const };
    state = tell(state, busy);
    try {
      const answer = await by.act(given, lend);
      const text = answer === undefined ? `${words}: done` : sanitiseField(answer);
      // What was told meanwhile is newer.
      if (state.message === busy) state = tell(state, { text, tone: 'good' });
    } catch (error) {
      const text = `${words}: ${describeError(error)}`;
      state = tell(state, { text, tone: 'bad' });
      book.note(undefined, text, Date.now(), 'refused');
    }
    onChange('key');
  };

  const go = ({ state: next, wish }: Step): void => {
    state = next;
    onChange('key');
    if (wish === undefined) return;
    if (wish.kind === 'redraw') canvas.forget();
    else if (wish.kind !== 'order') onLeave(wish.kind);
    else if (desk !== undefined) void order(wish.order, desk);
  };

  /** Of keys that came at once, one may have given the terminal away: what follows is not for this screen any more. */
  const whileOpen =
    (take: (typed: string) => void) =>
    (typed: string): void => {
      if (ink !== undefined) take(typed);
    };

  const lookUp = (now: World): void => {
    const service = selectionIn(now.view, state.selected)?.service;
    if (service !== undefined)
      readings.want(wantedSubjects(state), service, stampOf(service, state.tab, now));
  };

  return {
    press: (key) => go(press(state, key, world())),
    take() {
      ink = render(
        <Keyboard
          onKey={whileOpen((key) => go(press(state, key, world())))}
          onPaste={whileOpen((text) => go(paste(state, text, world())))}
        />,
        {
          stdout,
          stdin,
          alternateScreen: true,
          exitOnCtrlC: false,
          patchConsole: false,
          interactive: true,
          maxFps: 120,
        },
      );
      canvas.forget();
      measuring = new AbortController();
      desk?.measure(measuring.signal);
      onChange('key');
    },
    draw() {
      const now = world();
      lookUp(now);
      canvas.draw(layOutFull(state, now));
      // A long book is filtered in pieces.
      if (state.tab === 'logs' && !isSettled(state.logs, book)) onChange('event');
    },
    noteHappening({ event }) {
      onChange(event.type === 'container-measured' ? 'measurement' : 'event');
    },
    noteSize() {
      canvas.forget();
      onChange('key');
    },
    release() {
      measuring?.abort();
      measuring = undefined;
      readings.stop();
      ink?.unmount();
      ink = undefined;
    },
    tickInterval() {
      if (isTicking(getView())) return 1000;
      // How long something has run is told in minutes.
      return state.tab === 'processes' ? processesInterval : 60_000;
    },
  };
}

/** Changes whenever what can be looked up about a service may have. */
function stampOf(name: string, tab: Tab, { view, now }: World): string {
  const service = view.services.find((other) => other.name === name);
  const runs = service?.replicas.map(({ id, state }) => `${id} ${state}`) ?? [];
  const turn = tab === 'processes' ? Math.floor(now / processesInterval) : 0;
  return [service?.state, service?.change?.at, view.plan?.madeAt, view.plan?.settledAt, turn, ...runs].join();
}
