import type { ReadStream, WriteStream } from 'node:tty';
import type { Event } from '../model/event.ts';
import { createLogBook } from '../report/logs/book.ts';
import { recordHappening } from '../report/logs/record.ts';
import type { NarrateOptions } from '../report/narrate/notice.ts';
import { createStore } from '../report/store.ts';
import { formatSummary } from '../report/summary.ts';
import type { Desk, Lend } from './desk.ts';
import { createFrames } from './frames.ts';
import { fullScreen } from './full/screen.tsx';
import type { Leave } from './full/state.ts';
import { createBacklog } from './inline/backlog.ts';
import { createFlow } from './inline/flow.ts';
import { inlineScreen } from './inline/screen.tsx';
import { actionOf, applyKeys, type Key, type KeyAction, shownKey } from './keys.ts';

export interface DashboardOptions extends NarrateOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  /** Ctrl-C: in raw mode it is a key, no signal. */
  readonly onInterrupt: () => void;
  /** `q` or `d`: leave, but let the stack run. Without it there is no such key. */
  readonly onDetach?: () => void;
  /** Ctrl-Z: stops this process as the shell expects it, and resolves when it goes on. Without it there is no such key. */
  readonly suspend?: () => Promise<void>;
  /** False: Ctrl-C only ends this program, because the stack was not started by it. Absent: it stops the stack. */
  readonly interruptStops?: boolean;
  /** Which screen is opened; absent: `inline`. */
  readonly ui?: Ui;
  /** What the full screen shows first; absent: the logs. */
  readonly opensOn?: 'logs' | 'stats';
  /** Who carries out what is ordered; absent: nothing can be. */
  readonly desk?: Desk;
  /** Keys of the user's own, by the names of what they do. What is wrong with them `applyKeys` tells. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

/** Logs in the terminal's own scrollback with a footer below them, or panes over the whole screen. */
export type Ui = 'inline' | 'full';

export interface Dashboard {
  readonly listener: (event: Event) => void;
  /** What is shown now. */
  shown(): Ui;
  /** Lends the terminal to other work; what happens meanwhile is shown afterwards. */
  readonly lend: Lend;
  /** At once, because the program is about to end: gives the terminal back as it was and leaves the summary. */
  restore(): void;
  /** The same, and waits until all of it is written. Can be called again. */
  stop(): Promise<void>;
}

/** Opens the screens: one store and one log book, of which each shows what it can. For terminals only. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { stdout, stdin, colour, ascii, ui = 'inline', desk, onInterrupt, onDetach, suspend } = options;
  const store = createStore({ colour });
  const book = createLogBook();
  const { keys } = applyKeys(options.keys ?? {});
  const columns = (): number => stdout.columns || 80;
  const [apply] = desk?.offers('apply') === true ? keys['stack.apply'] : [];
  const narrated = { ...options, ...(apply !== undefined && { applyKey: shownKey(apply, ascii) }) };
  const flow = createFlow({ ...narrated, columns });
  const backlog = createBacklog(flow, ascii);
  let shown: Ui = ui;
  /** Whether someone else has the terminal. */
  let isLent = false;
  let isOver = false;

  const frames = createFrames(() => {
    if (!isLent && !isOver) screens[shown].draw();
  });
  const request: typeof frames.request = (urgency) => {
    frames.request(urgency);
    frames.tick(isLent ? 0 : screens[shown].tickInterval());
  };

  const take = (): void => {
    // Before anything is written: until then, Ctrl-C makes the terminal throw away what it has not shown yet, of which the
    // screens would erase as many rows as they believe to be there.
    if (stdin.isTTY) stdin.setRawMode(true);
    screens[shown].take();
    request('key');
  };
  const release = (): void => {
    screens[shown].release();
    // Ink does it a moment later, which may be too late for whoever has the terminal next.
    if (stdout.writable) stdout.write(showCursor);
    if (stdin.isTTY) stdin.setRawMode(false);
  };
  const lend: Lend = async (work) => {
    if (isLent || isOver) return work();
    release();
    isLent = true;
    // A read that is under way would take what is typed for others. It is ended a moment after nobody listens any more,
    // and that a moment after Ink has gone.
    await moment();
    stdin.pause();
    await moment();
    try {
      return await work();
    } finally {
      // What the work has read with is let go a moment later; until then nobody else would be told what is typed.
      await moment();
      isLent = false;
      if (!isOver) take();
    }
  };

  // The one lets go before the other takes hold, which is a moment later.
  const turnTo = (other: Ui): Promise<void> =>
    lend(async () => {
      shown = other;
    });

  const leave = (how: Leave): void => {
    if (how === 'inline') void turnTo('inline');
    else if (how === 'interrupt') onInterrupt();
    else if (how === 'detach') onDetach?.();
    else if (suspend !== undefined) void lend(suspend);
  };
  const inlineKey = (key: Key): void => {
    const action = actionOf(keys, 'pane', key);
    if (action === 'screen.interrupt') leave('interrupt');
    else if (action === 'screen.detach') leave('detach');
    else if (action === 'screen.suspend') leave('suspend');
    else if (action === 'screen.full') void turnTo('full');
    else if (action !== undefined && leadsToFull(action)) void turnTo('full').then(() => full.press(key));
  };

  const getView = store.getView;
  const full = fullScreen({
    ...{ stdout, stdin, colour, ascii, keys, book, getView, desk, lend },
    opensOn: options.opensOn ?? 'logs',
    canDetach: onDetach !== undefined,
    canSuspend: suspend !== undefined,
    interruptStops: options.interruptStops ?? true,
    onLeave: leave,
    onChange: request,
  });
  const inline = inlineScreen({
    ...{ stdout, stdin, colour, ascii, keys, getView, flow },
    canDetach: onDetach !== undefined,
    interruptStops: options.interruptStops ?? true,
    missed: backlog.take,
    onKey: inlineKey,
    // What is pasted between the logs is no order.
    onPaste: () => {},
    onChange: request,
  });
  const screens = { inline, full };

  const onResize = (): void => {
    if (!isLent) screens[shown].noteSize();
  };
  stdout.prependListener('resize', onResize);
  take();

  const restore = (): void => {
    if (isOver) return;
    if (!isLent) release();
    isOver = true;
    frames.stop();
    stdout.off('resize', onResize);
    if (!stdout.writable) return;
    stdout.write(backlog.take() + formatSummary(getView(), { ...options, columns: columns() }));
  };

  return {
    listener(event) {
      const happening = store.dispatch(event);
      recordHappening(book, happening, narrated);
      const isFlowing = shown === 'inline' && !isLent && !isOver;
      if (!isFlowing) backlog.add(happening);
      if (!isLent && !isOver) screens[shown].noteHappening(happening);
    },
    shown: () => shown,
    lend,
    restore,
    async stop() {
      restore();
      await new Promise<void>((resolve) => {
        if (stdout.writable) stdout.write('', () => resolve());
        else resolve();
      });
    },
  };
}

function moment(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const showCursor = '\u001B[?25h';

/** What is worth the whole screen: all that is to be read or looked for. What changes the stack needs a selection first. */
function leadsToFull(action: KeyAction): boolean {
  return (
    action === 'screen.palette' ||
    action === 'screen.help' ||
    action === 'stack.apply' ||
    action.startsWith('tab.') ||
    (action.startsWith('logs.') && action !== 'logs.mute' && action !== 'logs.follow')
  );
}
