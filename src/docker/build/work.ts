import type { Progress } from '../../model/event.ts';
import type { FailedStep } from './progress.ts';

/** What the builders have in common. */
export interface BuildWork {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** How a build ended: with an image, whose id not every builder tells, or with what the builder said about its failure. */
export interface BuildOutcome {
  readonly imageId?: string | undefined;
  /** Absent: it succeeded. */
  readonly error?: string;
  /** The step at which it failed. */
  readonly failed?: FailedStep | undefined;
}
