import type { BuildPart } from './event.ts';
import type { BuildChange } from './observed.ts';
import type { Location, Problem } from './problem.ts';

/** What is known of a build that has taken place. */
export interface BuiltBefore {
  /** In what it was made from other things than the image that was there; absent: nothing was known of one. */
  readonly changes?: readonly BuildChange[];
  /** Its steps, as the builder told of them, in the order in which they came. */
  readonly parts: readonly BuildPart[];
}

/** Why the steps of a build were done, and what is doubtful about it. */
export interface BuildExplanation {
  readonly service: string;
  readonly changes?: readonly BuildChange[];
  /** In the order of the Dockerfile as far as they are instructions of it. */
  readonly steps: readonly ExplainedStep[];
  /** What makes builds slow, or has no effect. */
  readonly doubts: readonly Problem[];
}

export interface ExplainedStep extends Omit<BuildPart, 'lines'> {
  /** The instruction in the Dockerfile. */
  readonly place?: Location;
  /** Why it was not taken from the cache. */
  readonly because?: string;
}
