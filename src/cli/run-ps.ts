import { type Outcome, succeeded } from '../commands/outcome.ts';
import { type Listed, type PsOptions, ps } from '../commands/ps.ts';
import { failure } from '../model/problem.ts';
import { formatContainers } from '../report/containers.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { inSession } from './session.ts';
import { tellPeople } from './tell.ts';

interface Options {
  readonly all?: true;
  readonly format: string;
  readonly quiet?: true;
  readonly services?: true;
  readonly filter?: string;
  readonly status?: readonly string[];
  /** `--orphans` or `--no-orphans` */
  readonly orphans?: boolean;
  /** `--no-trunc` */
  readonly trunc: boolean;
}

export function runPs(services: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as Options;
  return inSession(async ({ surroundings }) => {
    const request: PsOptions = {
      load: loadRequest(services, globals, surroundings.signal),
      all: options.all === true,
      states: [...(options.status ?? []), ...readFilter(options.filter)],
      orphans: options.orphans !== false,
    };
    const listed = await ps(request, surroundings);
    tellPeople(listed.warnings, globals);
    printData(textOf(listed, options, globals));
    return succeeded;
  });
}

function textOf(
  { project, containers }: Listed,
  { quiet, services, format, trunc }: Options,
  { json }: GlobalOptions,
): string {
  if (quiet === true) return containers.map(({ id }) => `${id}\n`).join('');
  if (services === true)
    return [...new Set(containers.map(({ service }) => `${sanitiseField(service)}\n`))].join('');
  return formatContainers(containers, {
    project,
    now: Date.now(),
    format: json === true ? 'json' : format,
    whole: !trunc,
  });
}

function readFilter(filter: string | undefined): readonly string[] {
  if (filter === undefined) return [];
  const [, state] = /^status=(.*)$/.exec(filter) ?? [];
  if (state !== undefined) return [state];
  throw failure({
    code: 'invalid-option',
    message: `unknown filter ${filter.split('=', 1)[0]}`,
    hint: 'write it as status=running',
  });
}
