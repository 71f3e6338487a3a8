import type { LogBook } from '../../report/logs/book.ts';
import type { View } from '../../report/view.ts';
import type { Order, Subject } from '../desk.ts';
import type { KeyMap } from '../keys.ts';

/** All that the full screen shows or depends on, beside its own state. */
export interface World {
  readonly view: View;
  readonly book: LogBook;
  readonly keys: KeyMap;
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970, for what still goes on. */
  readonly now: number;
  readonly ascii: boolean;
  /** Whether an order of this kind can be given. */
  readonly offers: (kind: Order['kind']) => boolean;
  /** Whether there is a way to leave the stack running. */
  readonly canDetach: boolean;
  /** Whether this program can be suspended. */
  readonly canSuspend: boolean;
  /** False: Ctrl-C ends this program alone. */
  readonly interruptStops: boolean;
  /** Whether anything can be looked up. */
  readonly canRead: boolean;
  /** What was looked up last; nothing before it was asked for. */
  readonly read: (subject: Subject, service: string) => Reading | undefined;
}

/** What is known about a subject. */
export interface Reading {
  /** As it was told last, which may be before the service changed. */
  readonly lines: readonly string[];
  /** Still to come, or to come anew. */
  readonly pending: boolean;
  /** Why it cannot be told. */
  readonly problem?: string;
}
