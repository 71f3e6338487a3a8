import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import type { Event } from '../model/event.ts';
import type { NarrateOptions } from '../report/narrate.ts';
import { createStore } from '../report/store.ts';
import { formatSummary } from '../report/summary.ts';
import { Dashboard as DashboardView } from './dashboard.tsx';
import type { Desk } from './desk.ts';
import { createFrames } from './frames.ts';
import { createFlow } from './inline/flow.ts';
import { layOutFooter } from './inline/footer.ts';
import { eraseReflowed, eraseRows } from './inline/reflow.ts';
import type { Line } from './spans.ts';
import { isTicking } from './status.ts';

export interface DashboardOptions extends NarrateOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  /** Ctrl-C: in raw mode it is a key, no signal. */
  readonly onInterrupt: () => void;
  /** `q` or `d`: leave, but let the stack run. Without it there is no such key. */
  readonly onDetach?: () => void;
  /** False: Ctrl-C only ends this program, because the stack was not started by it. Absent: it stops the stack. */
  readonly interruptStops?: boolean;
  /** Which screen is opened; absent: `inline`. */
  readonly ui?: Ui;
  /** What the full screen shows first; absent: the logs. */
  readonly opensOn?: 'logs' | 'stats';
  /** Who carries out what is ordered; absent: nothing can be. */
  readonly desk?: Desk;
  /** Keys of the user's own, by the names of what they do. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

/** Logs in the terminal's own scrollback with a footer below them, or panes over the whole screen. */
export type Ui = 'inline' | 'full';

export interface Dashboard {
  readonly listener: (event: Event) => void;
  /** What is shown now. */
  shown(): Ui;
  /** Takes the footer away, leaves the summary and gives the terminal back as it was. Can be called again. */
  stop(): Promise<void>;
}

/**
 * The inline screen: logs flow in the terminal's own scrollback, a footer below them tells what every service does.
 * For terminals only.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { stdout, stdin, colour, ascii, onInterrupt, onDetach } = options;
  const store = createStore({ colour });
  const columns = (): number => stdout.columns || 80;
  const flow = createFlow({ ...options, columns });
  let pending = '';
  let drawn: readonly Line[] = [];
  let write = (text: string): void => {
    stdout.write(text);
  };

  const onWriter = (writer: typeof write): void => {
    write = writer;
  };
  const element = (lines: readonly Line[]) => (
    <DashboardView {...{ lines, colour, onInterrupt, onDetach, onWriter }} />
  );
  const layOut = (): readonly Line[] =>
    layOutFooter(store.getView(), {
      columns: columns(),
      rows: stdout.rows || 24,
      now: Date.now(),
      ascii,
      canDetach: onDetach !== undefined,
      hasKeys: stdin.isTTY === true,
    });

  const draw = (): void => {
    const lines = layOut();
    // Corked, all of a frame reaches the terminal as one chunk.
    stdout.cork();
    if (JSON.stringify(lines) !== JSON.stringify(drawn)) {
      drawn = lines;
      ink.rerender(element(lines));
    }
    if (pending !== '') {
      const text = pending;
      pending = '';
      write(text);
    }
    stdout.uncork();
  };

  drawn = layOut();
  const ink = render(element(drawn), {
    stdout,
    stdin,
    exitOnCtrlC: false,
    patchConsole: false,
    // Whether this is a terminal for people was decided by whoever chose this screen.
    interactive: true,
    // Frames are paced here; Ink has only not to hold them back.
    maxFps: 120,
  });
  const frames = createFrames(draw);
  const onResize = (): void => {
    eraseReflowed(stdout, drawn);
    frames.request();
  };
  stdout.prependListener('resize', onResize);
  await ink.waitUntilRenderFlush();

  const stop = async (): Promise<void> => {
    frames.finish();
    stdout.off('resize', onResize);
    ink.unmount();
    await ink.waitUntilExit();
    // Ink leaves its last frame where it is, with the cursor below.
    if (!stdout.writable) return;
    const summary = formatSummary(store.getView(), { ...options, columns: columns() });
    stdout.write(eraseRows(drawn.length) + summary);
  };
  let stopped: Promise<void> | undefined;

  return {
    listener(event) {
      const happening = store.dispatch(event);
      pending += flow(happening);
      frames.tick(isTicking(happening.after) ? 1000 : 0);
      frames.request();
    },
    shown: () => 'inline',
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
