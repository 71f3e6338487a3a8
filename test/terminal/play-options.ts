import type { RecordingName } from '../report/recording.ts';

/** What `play.ts` is to play, and how. */
export interface PlayOptions {
  readonly recording: RecordingName;
  readonly colour?: boolean;
  readonly ascii?: boolean;
  /** Whether there is a key to detach. */
  readonly detach?: boolean;
  /** Lines of output after the recording. */
  readonly flood?: number;
}
