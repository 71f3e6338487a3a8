import { type Outcome, succeeded } from '../commands/outcome.ts';
import { ps } from '../commands/ps.ts';
import { formatContainers, formatContainersJson } from '../report/containers.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { openSession } from './session.ts';

interface Options {
  readonly all?: true;
  readonly format: 'table' | 'json';
}

export async function runPs(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const session = await openSession();
  try {
    const request = { load: loadRequest(services, globals), all: options.all === true };
    const { project, containers } = await ps(request, session.surroundings);
    const now = Date.now();
    const json = options.format === 'json' || globals.json === true;
    const text = json ? formatContainersJson(project, containers, now) : formatContainers(containers, now);
    process.stdout.write(text);
    return succeeded;
  } finally {
    session.close();
  }
}
