import type { Location } from '../../model/problem.ts';
import type { Node } from '../node.ts';
import type { Report } from '../report.ts';
import type { Variables } from '../variables/interpolate.ts';
import type { Reading } from '../variables/variables.ts';
import type { Fetch } from './remote.ts';

/** What the files of one project have in common: those of the stack, or those of an entry of `include`. */
export interface Level extends Reading {
  /** Absolute: what the paths in the files are relative to. */
  readonly directory: string;
  readonly variables: Variables;
  /** The files whose `include` led here, from the outermost inwards. */
  readonly trail: readonly string[];
  /** Variables are not replaced. */
  readonly asWritten?: true;
  readonly shared: Shared;
}

/** What all levels of one load have in common. */
export interface Shared {
  /** The documents of files that were read because others ask for them, by path. */
  readonly parsed: Map<string, readonly Node[]>;
  /** What each service took over, by the names under which that was told about. */
  readonly inherited: Map<string, Set<string>>;
  readonly fetch: Fetch;
  /** What configs and secrets of included projects contain, by path, if it comes from a variable. */
  readonly contents: Map<string, string>;
  /** False if there is an included project that could not be read: what refers to its parts is not wrong. */
  whole: boolean;
  /** How many files `include` has asked for. */
  included: number;
}

/** Reports with a further place for each problem: who asked for the file that it is in. */
export function askedBy(report: Report, message: string, location: Location): Report {
  return (problem) => report({ ...problem, related: [...(problem.related ?? []), { message, location }] });
}
