import { images } from '../commands/images.ts';
import { ls } from '../commands/ls.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { port } from '../commands/port.ts';
import { findReplica } from '../commands/replica.ts';
import { top } from '../commands/top.ts';
import { volumes } from '../commands/volumes.ts';
import { failure } from '../model/problem.ts';
import { addressesOf } from '../report/addresses.ts';
import { address } from '../report/containers.ts';
import { formatImageIds, formatImages, formatImagesJson } from '../report/images.ts';
import { formatProcesses } from '../report/processes.ts';
import { formatProjects, formatProjectsJson } from '../report/projects.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { formatVolumes } from '../report/volumes.ts';
import { openInBrowser } from './outside.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readChoice, readNumber } from './read-options.ts';
import { inSession } from './session.ts';
import { tellPeople } from './tell.ts';

/** The commands that list what the engine has; what they tell is data for stdout. */

const forms = ['table', 'json'] as const;

interface ListOptions {
  readonly format: string;
  readonly quiet?: true;
}

interface LsOptions extends ListOptions {
  readonly all?: true;
  readonly filter?: readonly string[];
  readonly usage?: true;
}

export function runLs(_: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as LsOptions;
  const form = globals.json === true ? 'json' : readChoice('--format', options.format, forms);
  const matches = readNameFilters(options.filter ?? []);
  return inSession(async ({ surroundings }) => {
    const projects = await ls(
      { all: options.all === true, matches, usage: options.usage === true },
      surroundings,
    );
    const { asCompose } = globals;
    const shown = { asCompose, now: Date.now() };
    if (options.quiet === true) {
      process.stdout.write(projects.map(({ name }) => `${sanitiseField(name)}\n`).join(''));
    } else {
      process.stdout.write(
        form === 'json' ? formatProjectsJson(projects, shown) : formatProjects(projects, shown),
      );
    }
    return succeeded;
  });
}

function readNameFilters(filters: readonly string[]): (name: string) => boolean {
  const patterns = filters.map((filter) => {
    const [, key = filter, pattern = ''] = /^([^=]*)=([\s\S]*)$/.exec(filter) ?? [];
    if (key !== 'name') {
      const hint = 'write it as name=PATTERN';
      throw failure({ code: 'invalid-option', message: `invalid filter '${key}'`, hint });
    }
    return readPattern(pattern);
  });
  return (name) => patterns.length === 0 || patterns.some((pattern) => pattern.test(name));
}

function readPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw failure({ code: 'invalid-option', message: `\`${pattern}\` is not a regular expression` });
  }
}

export function runImages(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as ListOptions;
  const form = globals.json === true ? 'json' : readChoice('--format', options.format, forms);
  return inSession(async ({ surroundings }) => {
    const load = loadRequest(services, globals, surroundings.signal);
    const { images: used, warnings } = await images(load, { checkBuilds: !globals.asCompose }, surroundings);
    tellPeople(warnings, globals);
    if (options.quiet === true) printData(formatImageIds(used));
    else printData(form === 'json' ? formatImagesJson(used) : formatImages(used, Date.now()));
    return succeeded;
  });
}

export function runVolumes(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as ListOptions;
  return inSession(async ({ surroundings }) => {
    const load = loadRequest(services, globals, surroundings.signal);
    const { volumes: found, warnings } = await volumes(load, surroundings);
    tellPeople(warnings, globals);
    const format = globals.json === true ? 'json' : options.format;
    printData(formatVolumes(found, options.quiet === true ? '{{.Name}}' : format));
    return succeeded;
  });
}

export function runTop(services: readonly string[], _: object, globals: GlobalOptions): Promise<Outcome> {
  return inSession(async ({ surroundings }) => {
    const { processes, secrets, warnings } = await top(
      loadRequest(services, globals, surroundings.signal),
      surroundings,
    );
    tellPeople(warnings, globals);
    const masked = process.stdout.isTTY === true;
    printData(formatProcesses(processes, { masked, known: secrets }));
    return succeeded;
  });
}

interface PortOptions {
  readonly protocol: string;
  readonly index?: string;
}

export function runPort(
  [service = '', privatePort = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as PortOptions;
  const number = readNumber('PRIVATE_PORT', privatePort) ?? 0;
  const index = readNumber('--index', options.index) ?? 0;
  return inSession(async ({ surroundings }) => {
    const load = loadRequest([service], globals, surroundings.signal);
    const protocol = options.protocol.toLowerCase();
    const { hostIp, hostPort } = await port({ load, service, port: number, protocol, index }, surroundings);
    process.stdout.write(`${address(hostIp, String(hostPort))}\n`);
    return succeeded;
  });
}

/** Prints where a service answers, and shows it to the user's browser if there is one. */
export function runOpen(
  [service = '']: readonly string[],
  _: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  return inSession(async ({ surroundings }) => {
    const load = loadRequest([service], globals, surroundings.signal);
    const container = await findReplica({ load, service, index: 0 }, surroundings);
    const addresses = addressesOf(container.ports);
    const [first = addresses[0]] = addresses.filter(({ url }) => url !== undefined);
    if (first === undefined) {
      throw failure({
        code: 'not-published',
        service,
        message: `${service} publishes no port`,
        hint: `give it one: services.${service}.ports`,
      });
    }
    printData(`${first.text}\n`);
    if (first.url !== undefined && process.stdout.isTTY === true)
      await openInBrowser(first.url, process.env, process.platform);
    return succeeded;
  });
}
