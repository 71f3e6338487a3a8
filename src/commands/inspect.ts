import type { LoadRequest } from '../load/load.ts';
import { maskSecrets, maskValue, secretsAmong } from '../model/masking.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';
import { serviceEnvironment } from './env.ts';
import { containersOf, identify, observeProject } from './identity.ts';
import type { Origin } from './origin.ts';
import { findProject } from './project.ts';
import { observeStack } from './work.ts';

export interface InspectOptions {
  readonly load: LoadRequest;
  readonly service: string;
}

export interface Inspected {
  readonly container: ObservedContainer;
  /** In the engine's words, with credentials masked. */
  readonly details: unknown;
}

/** All that the engine tells of the containers of a service, by their numbers. */
export async function inspect(
  options: InspectOptions,
  surroundings: Surroundings,
): Promise<readonly Inspected[]> {
  const found = await details(options, surroundings);
  return found.map(({ container, details }) => {
    const env = environmentOf(details);
    const secrets = secretsAmong(env);
    const shown = [...env].map(([name, value]) => `${name}=${maskValue(name, value, secrets)}`);
    const { value } = maskSecrets(details, secrets);
    const masked = value as { readonly Config?: object };
    return { container, details: { ...masked, Config: { ...masked.Config, Env: shown } } };
  });
}

/** The environment of a service with credentials masked: what files say, then what else its first container has. */
export async function inspectEnvironment(
  options: InspectOptions,
  surroundings: Surroundings,
): Promise<readonly Origin[]> {
  const { load, service } = options;
  const project = await findProject({ ...load, services: [service] });
  const { loaded } = project;
  const { images } = loaded
    ? await observeStack(loaded.stack, surroundings, surroundings.signal)
    : { images: {} };
  const known = loaded && (await serviceEnvironment({ load, service, masked: true }, images));
  const written = known?.origins ?? [];
  const names = new Set(written.map(({ path }) => path));
  const [first] = await details(options, surroundings);
  const env = environmentOf(first?.details);
  const secrets = secretsAmong(env);
  const others = [...env]
    .filter(([name]) => !names.has(name))
    .map(([name, value]) => ({
      path: name,
      value: maskValue(name, value, secrets),
      overrode: [],
      variables: [],
    }));
  return [...written, ...others];
}

async function details(
  { load, service }: InspectOptions,
  surroundings: Surroundings,
): Promise<readonly Inspected[]> {
  const { runtime, signal } = surroundings;
  const project = await identify({ ...load, services: [service] }, surroundings);
  const { containers } = await observeProject(project, surroundings);
  const own = containersOf([service], containers)
    .filter(({ oneOff }) => !oneOff)
    .toSorted((a, b) => a.number - b.number);
  const found = await Promise.all(
    own.map(async (container) => ({ container, details: await runtime.inspect(container.id, signal) })),
  );
  return found.filter((one) => one.details !== undefined);
}

function environmentOf(details: unknown): ReadonlyMap<string, string> {
  const { Config } = (details ?? {}) as { readonly Config?: { readonly Env?: readonly string[] | null } };
  return new Map(
    (Config?.Env ?? []).map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
