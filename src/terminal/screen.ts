import type { Happening } from '../report/store.ts';

/** One of the screens there are. Only one of them has the terminal at a time. */
export interface TerminalScreen {
  /** Takes the terminal: keys, cursor, the rows it draws to. */
  take(): void;
  /** Draws what has changed since it was drawn last. */
  draw(): void;
  /** Something has happened while it had the terminal. */
  noteHappening(happening: Happening): void;
  /** The terminal has another size. To be told before anyone else hears of it. */
  noteSize(): void;
  /** Gives the terminal back as it was, at once: the program may be about to end. */
  release(): void;
  /** Milliseconds after which what is shown is no longer true though nothing has happened; 0: never. */
  tickInterval(): number;
}
