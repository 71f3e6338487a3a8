import { events } from '../commands/events.ts';
import type { Outcome } from '../commands/outcome.ts';
import { formatEngineEvent, formatEngineEventJson } from '../report/engine-events.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readTime } from './read-options.ts';
import { inSession } from './session.ts';

interface Options {
  readonly since?: string;
  readonly until?: string;
}

export function runEvents(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { since, until } = given as Options;
  return inSession(({ surroundings }) => {
    const format = globals.json === true ? formatEngineEventJson : formatEngineEvent;
    return events(
      {
        load: loadRequest(services, globals, surroundings.signal),
        ...(since === undefined ? {} : { since: readTime(since) }),
        ...(until === undefined ? {} : { until: readTime(until) }),
      },
      (event) => {
        process.stdout.write(format(event));
      },
      surroundings,
    );
  });
}
