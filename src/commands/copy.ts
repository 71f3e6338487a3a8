import path from 'node:path';
import type { LoadRequest } from '../load/load.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { identify, observeProject } from './identity.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { notRunning } from './replica.ts';

export interface CopyOptions {
  readonly load: LoadRequest;
  /** `SERVICE:PATH`, a path of this machine, or `-` for a tar. */
  readonly source: string;
  readonly destination: string;
  /** Number of the replica; 0: all to copy into, the newest to copy from. */
  readonly index: number;
  /** Also one-off containers. */
  readonly all: boolean;
  readonly followLink: boolean;
  readonly keepOwners: boolean;
}

export interface CopyStreams {
  /** A tar to copy from. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Takes a tar that is copied out. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Called before and after each copy. */
  readonly tell: (copy: Copy, isDone: boolean) => void;
}

/** A copy in words. */
export interface Copy {
  /** The container's name. */
  readonly container: string;
  readonly source: string;
  readonly destination: string;
}

/** Copies files between this machine and the containers of a service, which need not run. */
export async function copy(
  options: CopyOptions,
  streams: CopyStreams,
  surroundings: Surroundings,
): Promise<Outcome> {
  const from = sideOf(options.source);
  const to = sideOf(options.destination);
  if (from.service !== undefined && to.service !== undefined)
    throw unclear('copying between services is not supported', 'copy to this machine first, and from there');
  if (from.service !== undefined) {
    const [container] = await containersFor(options, from.service, surroundings);
    if (container !== undefined) await copyOut(options, container, from.path, to.path, streams, surroundings);
  } else if (to.service !== undefined) {
    const containers = await containersFor(options, to.service, surroundings);
    await copyIn(options, containers, from.path, to.path, streams, surroundings);
  } else throw unclear('unknown copy direction', 'write one of the sides as SERVICE:PATH');
  return outcomeOf([]);
}

async function copyIn(
  { load, followLink, keepOwners }: CopyOptions,
  containers: readonly ObservedContainer[],
  source: string,
  destination: string,
  { input, tell }: CopyStreams,
  { runtime, signal }: Surroundings,
): Promise<void> {
  if (source === '-' && containers.length > 1)
    throw unclear(
      'a tar can be copied to one container only',
      `the service has ${containers.length}; choose one with --index`,
    );
  const files = source === '-' ? input : absolute(source, load.directory);
  await Promise.all(
    containers.map(async ({ id, name }) => {
      const request = {
        container: id,
        source: files,
        destination: inRoot(destination),
        followLink,
        keepOwners,
      };
      const told = { container: name, source, destination: `${name}:${destination}` };
      tell(told, false);
      await runtime.copyIn(request, signal);
      tell(told, true);
    }),
  );
}

async function copyOut(
  { load, followLink }: CopyOptions,
  { id, name }: ObservedContainer,
  source: string,
  destination: string,
  { write, tell }: CopyStreams,
  { runtime, signal }: Surroundings,
): Promise<void> {
  const request = { container: id, source: inRoot(source), followLink };
  const told = { container: name, source: `${name}:${source}`, destination };
  tell(told, false);
  if (destination === '-') {
    for await (const bytes of await runtime.readFiles(request, signal)) await write(bytes);
  } else await runtime.copyOut({ ...request, destination: absolute(destination, load.directory) }, signal);
  tell(told, true);
}

/** What begins as a path is one, whatever else is in it. */
function sideOf(text: string): { readonly service?: string; readonly path: string } {
  const colon = text.indexOf(':');
  if (colon === -1 || /^[./]/.test(text)) return { path: text };
  return { service: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** The newest first. */
async function containersFor(
  { load, index, all }: CopyOptions,
  service: string,
  surroundings: Surroundings,
): Promise<readonly ObservedContainer[]> {
  const project = await identify({ ...load, services: [service] }, surroundings);
  const { containers } = await observeProject(project, surroundings);
  const own = containers
    .filter((container) => container.service === service && (all || !container.oneOff))
    .toSorted((a, b) => b.created - a.created || b.number - a.number);
  const chosen = index === 0 ? own : own.filter(({ number }) => number === index);
  if (chosen.length > 0) return chosen;
  if (index !== 0) throw notRunning(service, index);
  throw failure({
    code: 'no-container',
    service,
    message: `no container found for service "${service}"`,
    hint: `create one with: stack up -d ${service}`,
  });
}

/** A `/` or `/.` at its end counts. */
function absolute(text: string, directory: string): string {
  const end = /(?:\/|(?:^|\/)\.)$/.exec(text)?.[0] ?? '';
  const whole = path.resolve(directory, text);
  return end === '' || whole === '/' ? whole : `${whole}/${end === '/' ? '' : '.'}`;
}

/** Relative paths of a container are relative to its root. */
function inRoot(text: string): string {
  return text.startsWith('/') ? text : `/${text}`;
}

function unclear(message: string, hint: string) {
  return failure({ code: 'invalid-option', message, hint });
}
