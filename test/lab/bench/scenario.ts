import type { Contender } from './contender.ts';
import type { Limit } from './limit.ts';

export type Unit = 'ms' | 'MB' | '% CPU';

/** One row of the table. */
export interface Step {
  /** Short, without blanks: what `--only` and the committed figures know it by. */
  readonly row: string;
  /** What people do, in words. */
  readonly told: string;
  readonly unit?: Unit;
  /** What this program is to need at most, as a share of what Docker Compose needs, and of what the engine needs. */
  readonly bar?: number;
  readonly limitBar?: number;
  /** What it is to need at most, in the row's unit. */
  readonly most?: number;
  /** How many times in each round; absent: once. */
  readonly times?: number;
  /** Not timed: before each time, and what must be so after it. */
  readonly before?: (contender: Contender) => unknown;
  readonly after?: (contender: Contender, limit: Limit) => unknown;
  /** Words of a command whose time is taken, or a measuring of its own, which resolves with a figure in the row's unit. */
  readonly does: readonly string[] | ((contender: Contender, limit: Limit) => Promise<number>);
  /** The same by the engine alone, timed unless it resolves with a figure; absent: the row has none. */
  readonly limit?: (contender: Contender, limit: Limit) => Promise<unknown>;
}

export interface Scenario {
  readonly name: string;
  readonly rounds: number;
  /** Each contender goes through all steps before the next one begins: it has the engine to itself. */
  readonly alone?: boolean;
  /** What it needs of the machine is only there on Linux. */
  readonly linux?: boolean;
  /** Not timed, once for each contender; what it brings up is taken away after the scenario. */
  readonly prepare?: (contender: Contender, limit: Limit) => Promise<unknown>;
  /** Ends what was prepared; the engine is put in order without it. */
  readonly finish?: (contender: Contender) => Promise<unknown>;
  readonly steps: readonly Step[];
}

/** Rejects unless so many containers of the contender's run. */
export async function expectRunning({ project }: Contender, limit: Limit, count: number): Promise<void> {
  const running = await limit.list(project, false);
  if (running.length !== count) throw new Error(`${running.length} containers run, not ${count}`);
}
