import type { shapeOf } from '../shapes.ts';

export interface NarrateOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
  /** Absolute; paths inside are shown relative to it. */
  readonly directory: string;
  /** Columns there are for source lines; absent: as for a page. */
  readonly width?: number;
  /** The words by which the same stack is meant again, e.g. `stack -p shop`; absent: `stack`. */
  readonly again?: string;
  /** The key that applies what the files of the stack say, if there is one. */
  readonly applyKey?: string;
}

/** Something worth a line between the logs. */
export interface Notice {
  readonly shape: Parameters<typeof shapeOf>[0];
  /** The service it is about; absent if it is about the stack. */
  readonly service?: string;
  readonly text: string;
  /** Lines that belong to it. */
  readonly details?: readonly string[];
}

/** `web, db and redis`. */
export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
