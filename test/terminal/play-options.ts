import type { Order, Subject } from '../../src/terminal/desk.ts';
import type { RecordingName } from '../report/recording.ts';

/** What `play.ts` is to play, and how. */
export interface PlayOptions {
  readonly recording: RecordingName;
  readonly colour?: boolean;
  readonly ascii?: boolean;
  /** Whether there is a key to detach. */
  readonly detach?: boolean;
  readonly ui?: 'inline' | 'full';
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** Orders that somebody takes, who does nothing but to remember them; a shell is `sh`, an editor a question. */
  readonly offers?: readonly Order['kind'][];
  /** What can be looked up. */
  readonly readings?: Readonly<Partial<Record<Subject, readonly string[]>>>;
  /** Lines of output after the recording. */
  readonly flood?: number;
  /** How many of them each second; absent: as fast as it goes. */
  readonly rate?: number;
  /** Where the CPU time is written that was used from the end of the recording on, and during which time, each second. */
  readonly usage?: string;
  /** Ends by an error that nobody catches once this key is pressed: the name of an order's kind. */
  readonly throwsOn?: Order['kind'];
}
