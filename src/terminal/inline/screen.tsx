import type { ReadStream, WriteStream } from 'node:tty';
import { type Instance, render } from 'ink';
import type { View } from '../../report/view.ts';
import { Dashboard } from '../dashboard.tsx';
import type { KeyboardProps } from '../keyboard.tsx';
import type { Key, KeyMap } from '../keys.ts';
import type { TerminalScreen } from '../screen.ts';
import type { Line } from '../spans.ts';
import { isTicking } from '../status.ts';
import type { Flow } from './flow.ts';
import { type FooterOptions, layOutFooter } from './footer.ts';
import { eraseReflowed, eraseRows } from './reflow.ts';

export interface InlineOptions
  extends KeyboardProps,
    Pick<FooterOptions, 'ascii' | 'canDetach' | 'interruptStops'> {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  readonly colour: boolean;
  readonly keys: KeyMap;
  readonly getView: () => View;
  readonly flow: Flow;
  /** What has happened while it did not have the terminal. */
  readonly missed: () => string;
  /** There is something new to draw. */
  readonly onChange: () => void;
}

/** Logs flow in the terminal's own scrollback, a footer below them tells what every service does. */
export function inlineScreen(options: InlineOptions): TerminalScreen {
  const { stdout, stdin, colour, getView, flow, missed, onKey, onPaste, onChange } = options;
  const { ascii, canDetach, interruptStops = true, keys } = options;
  let ink: Instance | undefined;
  let pending = '';
  let drawn: readonly Line[] = [];
  /** Columns the terminal had when Ink drew last, which it does by itself when that changes. */
  let width = 0;
  let write = (text: string): void => {
    stdout.write(text);
  };
  const onWriter = (writer: typeof write): void => {
    write = writer;
  };
  /** Of keys that came at once, one may have given the terminal away: what follows is not for this screen any more. */
  const takeKey = (key: Key): void => {
    if (ink !== undefined) onKey(key);
  };
  const element = (lines: readonly Line[]) => (
    <Dashboard {...{ lines, colour, onPaste, onWriter }} onKey={takeKey} />
  );
  const layOut = (): readonly Line[] =>
    layOutFooter(getView(), {
      columns: stdout.columns || 80,
      rows: stdout.rows || 24,
      now: Date.now(),
      ascii,
      canDetach,
      interruptStops,
      keys,
      hasKeys: stdin.isTTY === true,
    });

  return {
    take() {
      stdout.write(missed());
      drawn = layOut();
      width = stdout.columns;
      ink = render(element(drawn), {
        stdout,
        stdin,
        exitOnCtrlC: false,
        patchConsole: false,
        // Whether this is a terminal for people was decided by whoever chose this screen.
        interactive: true,
        // Frames are paced elsewhere; Ink has only not to hold them back.
        maxFps: 120,
      });
    },
    draw() {
      const lines = layOut();
      // Corked, all of a frame reaches the terminal as one chunk.
      stdout.cork();
      try {
        // First what happened, then what that led to: the footer tells of nothing that is not on the screen yet.
        if (pending !== '') {
          const text = pending;
          pending = '';
          write(text);
        }
        if (JSON.stringify(lines) !== JSON.stringify(drawn)) {
          drawn = lines;
          ink?.rerender(element(lines));
        }
      } finally {
        // Else what gives the terminal back would never reach it.
        stdout.uncork();
      }
    },
    noteHappening(happening) {
      pending += flow(happening);
      onChange();
    },
    noteSize() {
      eraseReflowed(stdout, drawn, width);
      width = stdout.columns;
      onChange();
    },
    release() {
      ink?.unmount();
      ink = undefined;
      // Ink leaves its last frame where it is, with the cursor below.
      if (stdout.writable) stdout.write(eraseRows(drawn.length) + pending);
      pending = '';
      drawn = [];
    },
    tickInterval: () => (isTicking(getView()) ? 1000 : 0),
  };
}
