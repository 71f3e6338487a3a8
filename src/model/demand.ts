import type { StackPath } from './stack.ts';

/** Something that a stack asks for and that reaches beyond its containers and its folder. */
export interface Demand {
  /** Blank where any of them may get it. */
  readonly service: string;
  readonly path: StackPath;
  /** Who gets it: the build of the service, or its containers. */
  readonly for: 'build' | 'containers';
  /** What it is, in words that stay the same as long as it does: `privileged mode`. */
  readonly what: string;
}

/** Decides whether a stack gets what reaches beyond its containers and its folder. */
export interface Trust {
  /** The user's home folder. */
  readonly home: string;
  /** The folders in which what was agreed to is kept, and code that is run. */
  readonly own: readonly string[];
  /** Whether the user agrees that the stack of a folder has all of these. */
  agrees(directory: string, demands: readonly Demand[]): Promise<boolean>;
}
