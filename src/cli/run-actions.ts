import { kill } from '../commands/kill.ts';
import type { Outcome } from '../commands/outcome.ts';
import { pause } from '../commands/pause.ts';
import { restart } from '../commands/restart.ts';
import { start } from '../commands/start.ts';
import { stop } from '../commands/stop.ts';
import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { isSwitchedOn, readNumber } from './read-options.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

/** The commands that do one thing to containers which exist. */

interface Options {
  readonly timeout?: string;
  /** `--no-deps` */
  readonly deps?: boolean;
  readonly signal?: string;
  readonly removeOrphans?: true;
}

type Action = (
  load: LoadRequest,
  options: Options,
  surroundings: Surroundings,
  globals: GlobalOptions,
) => Promise<Outcome>;

const timeoutOf = ({ timeout }: Options): number | undefined => readNumber('--timeout', timeout);

const actions = {
  start: (load, _, surroundings) => start({ load }, surroundings),
  stop: (load, options, surroundings) => stop({ load, timeout: timeoutOf(options) }, surroundings),
  restart: (load, options, surroundings) =>
    restart({ load, timeout: timeoutOf(options), alone: options.deps === false }, surroundings),
  pause: (load, _, surroundings, { asCompose }) =>
    pause({ load, pause: true, strict: asCompose }, surroundings),
  unpause: (load, _, surroundings, { asCompose }) =>
    pause({ load, pause: false, strict: asCompose }, surroundings),
  kill: (load, { signal, removeOrphans }, surroundings) => {
    const orphans = removeOrphans === true || isSwitchedOn('COMPOSE_REMOVE_ORPHANS');
    return kill({ load, signal, orphans }, surroundings);
  },
} satisfies Record<string, Action>;

export type ActionName = keyof typeof actions;

export function runAction(name: ActionName) {
  return (services: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> =>
    inSession((session) => {
      session.listen(progressScreen(globals).listener);
      const { surroundings } = session;
      const act: Action = actions[name];
      return act(
        loadRequest(services, globals, surroundings.signal),
        given as Options,
        surroundings,
        globals,
      );
    });
}
