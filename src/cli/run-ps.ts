import { type Outcome, succeeded } from '../commands/outcome.ts';
import { ps } from '../commands/ps.ts';
import { formatContainers, formatContainersJson } from '../report/containers.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { inSession } from './session.ts';

interface Options {
  readonly all?: true;
  readonly format: 'table' | 'json';
}

export function runPs(services: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as Options;
  return inSession(async ({ surroundings }) => {
    const request = { load: loadRequest(services, globals, surroundings.signal), all: options.all === true };
    const { project, containers } = await ps(request, surroundings);
    const now = Date.now();
    const json = options.format === 'json' || globals.json === true;
    process.stdout.write(
      json ? formatContainersJson(project, containers, now) : formatContainers(containers, now),
    );
    return succeeded;
  });
}
