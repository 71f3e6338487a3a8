import { loadAsWritten } from '../load/as-written.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { variablesUsed } from '../load/variables/used.ts';
import type { LeftOut } from '../model/discovery.ts';
import { maskValue, secretsAmong } from '../model/masking.ts';
import { nearest } from '../model/nearest.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import { hostOf } from '../model/ports.ts';
import { failure, type Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { discover } from '../plan/discovery.ts';
import { type HostAddress, onHost, type Published } from '../plan/on-host.ts';
import { envFileEntries, type Origin, originsIn } from './origin.ts';
import { observeStack } from './work.ts';

/** Variables by name, each with where its value comes from. */
export interface Environment {
  /** As they may be shown: with credentials masked, if they are to be. */
  readonly origins: readonly Origin[];
  /** As programs need them. */
  readonly values: ReadonlyMap<string, string>;
  readonly warnings: readonly Problem[];
  /** How many values are masked. */
  readonly masked: number;
  /** What the service would be given if nothing spoke against it. */
  readonly leftOut?: readonly LeftOut[];
}

/** The variables that values of the stack files refer to, by name, with what stands for those that are not set. */
export async function projectEnvironment(load: LoadRequest, masked: boolean): Promise<Environment> {
  const request = { ...load, services: [], resolveEnvironment: false };
  const loaded = await loadStack(request);
  const { model } = await loadAsWritten(request);
  const entries = await envFileEntries(request, loaded);
  // That a variable is not set is what is asked for.
  const warnings = loaded.warnings.filter(({ code }) => code !== 'unset-variable');
  const values = new Map<string, string>();
  const origins = variablesUsed(model).map(({ name, defaultValue }): Origin => {
    const own = load.environment[name];
    const written = entries.get(name) ?? [];
    const shadowed = own === undefined ? written.slice(1) : written;
    const value = loaded.variables.get(name);
    values.set(name, value ?? defaultValue);
    return {
      path: name,
      value: value ?? defaultValue,
      ...(own === undefined && written[0] !== undefined && { location: written[0].at }),
      overrode: shadowed.map((entry) => ({ value: entry.value, location: entry.at })),
      variables: [],
      because: reasonFor(own !== undefined, value !== undefined, defaultValue),
    };
  });
  return shown(origins, values, warnings, masked ? secretsAmong(loaded.variables) : undefined);
}

/** Of a variable of which no file says anything. */
function reasonFor(isOfProcess: boolean, isSet: boolean, defaultValue: string): string {
  if (isOfProcess) return 'of the environment';
  if (isSet) return 'the name of the project';
  return defaultValue === '' ? 'not set: blank' : 'not set: the stack file says what stands for it';
}

export interface EnvOptions {
  readonly load: LoadRequest;
  readonly service: string;
  readonly masked: boolean;
}

/**
 * The environment of a service: what files say, and what it is given so that it finds others. Only images that are there
 * tell of some ports.
 */
export async function serviceEnvironment(
  { load, service, masked }: EnvOptions,
  images: ObservedState['images'] = {},
): Promise<Environment> {
  const loaded = await loadService(load, service);
  const { origins, leftOut } = await environmentIn(loaded, load, service, images);
  const known = masked ? secretsAmong(loaded.variables) : undefined;
  return { ...shown(origins, valuesOf(origins), loaded.warnings, known), leftOut };
}

/** The environment of a service as its program needs it on this machine, while the others run in their containers. */
export async function hostEnvironment(
  { load, service, masked }: EnvOptions,
  surroundings: Surroundings,
): Promise<Environment> {
  const loaded = await loadService(load, service);
  const { stack } = loaded;
  // Values may name services that this one does not depend on.
  const all = { ...stack, services: { ...stack.others, ...stack.services } };
  const { containers, images } = await observeStack(all, surroundings, surroundings.signal);
  const { origins } = await environmentIn(loaded, load, service, images);
  const before = valuesOf(origins);
  const { variables, warnings } = onHost(
    all,
    service,
    Object.fromEntries(before),
    publishedBy(containers, all.services),
    images,
  );
  const changed = Object.entries(variables).map(([name, value]): Origin => {
    const origin = origins.find(({ path }) => path === name);
    const known = origin ?? {
      path: name,
      overrode: [],
      variables: [],
      because: 'only on this machine, where the port is another',
    };
    const old = before.get(name);
    return { ...known, value, ...(old !== undefined && old !== value && { inContainer: old }) };
  });
  const told = [...loaded.warnings, ...warnings, ...(surroundings.engineIsHere ? [] : [elsewhere])];
  const known = masked ? secretsAmong(loaded.variables) : undefined;
  return shown(changed, new Map(Object.entries(variables)), told, known);
}

const elsewhere: Problem = {
  code: 'not-published',
  severity: 'warning',
  message: 'the engine is on another machine, and its ports are published there',
  hint: 'lead them here first: ssh -L 127.0.0.1:PORT:127.0.0.1:PORT MACHINE',
};

/** The value of one variable. Throws `invalid-option` if there is none of that name. */
export function valueIn({ values }: Environment, name: string, of: string): string {
  const value = values.get(name);
  if (value !== undefined) return value;
  const near = nearest(name, values.keys());
  const names = [...values.keys()];
  throw failure({
    code: 'invalid-option',
    message: `${of} has no variable ${name}`,
    hint:
      near === undefined
        ? names.length === 0
          ? `${of} has no variables`
          : `${of} has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
        : `did you mean \`${near}\`?`,
  });
}

function loadService(load: LoadRequest, service: string): Promise<Loaded> {
  return loadStack({ ...load, services: [service], allResources: true });
}

/** The environment of a service as it is written, and what it is given, unmasked. */
async function environmentIn(
  loaded: Loaded,
  load: LoadRequest,
  service: string,
  images: ObservedState['images'],
): Promise<{ readonly origins: readonly Origin[]; readonly leftOut: readonly LeftOut[] }> {
  const { stack } = loaded;
  const written = await writtenEnvironment(loaded, service, load);
  const { injected, leftOut } = discover(stack, service, stack.services[service] ?? {}, images);
  const given = injected.map(({ name, value, because }): Origin => {
    return { path: name, value, overrode: [], variables: [], because: `given, as ${because}` };
  });
  return { origins: [...written, ...given], leftOut };
}

/** The environment that files give to a service of a stack that was loaded as the request says. */
async function writtenEnvironment(
  loaded: Loaded,
  service: string,
  load: LoadRequest,
): Promise<readonly Origin[]> {
  const path = `services.${/^[\w-]+$/.test(service) ? service : JSON.stringify(service)}`;
  const { origins } = await originsIn(loaded, path, load, false);
  return origins.flatMap((origin) => {
    const [, plain, quoted] = /\.environment(?:\.([^.[]+)|\["((?:[^"\\]|\\.)*)"\])$/.exec(origin.path) ?? [];
    const name = plain ?? quoted;
    return name === undefined ? [] : [{ ...origin, path: name }];
  });
}

function valuesOf(origins: readonly Origin[]): ReadonlyMap<string, string> {
  // What is to be taken away from the image has no value.
  return new Map(
    origins.flatMap(({ path, value }) => (value === null ? [] : [[path, String(value)] as const])),
  );
}

/** Masked if the credentials are known that may stand in the values of others. */
function shown(
  origins: readonly Origin[],
  values: ReadonlyMap<string, string>,
  warnings: readonly Problem[],
  known: readonly string[] | undefined,
): Environment {
  if (known === undefined) return { origins, values, warnings, masked: 0 };
  const secrets = [...known, ...secretsAmong(values)];
  let masked = 0;
  const hide = <Value>(name: string, value: Value): Value | string => {
    if (typeof value !== 'string') return value;
    const hidden = maskValue(name, value, secrets);
    if (hidden !== value) masked++;
    return hidden;
  };
  const hidden = origins.map((origin): Origin => {
    const { path, value, inContainer, overrode } = origin;
    return {
      ...origin,
      value: hide(path, value),
      ...(inContainer !== undefined && { inContainer: hide(path, inContainer) }),
      overrode: overrode.map((one) => ({ ...one, value: hide(path, one.value) })),
    };
  });
  return { origins: hidden, values, warnings, masked };
}

/** Where ports lead to that run, else where the file says they will. */
function publishedBy(
  containers: readonly ObservedContainer[],
  services: Loaded['stack']['services'],
): Published {
  return (service, port): HostAddress | undefined => {
    const running = containers
      .filter((one) => one.service === service && !one.oneOff && one.state === 'running')
      .toSorted((a, b) => a.number - b.number)
      .flatMap(({ ports }) => ports)
      .filter((one) => one.containerPort === port && one.protocol === 'tcp' && one.hostPort > 0)
      // Most programs that are handed an address understand IPv4.
      .toSorted((a, b) => Number(a.hostIp.includes(':')) - Number(b.hostIp.includes(':')))[0];
    if (running !== undefined) return { host: hostOf(running.hostIp, '127.0.0.1'), port: running.hostPort };
    const written = services[service]?.ports?.find(
      ({ target, protocol, published = '' }) =>
        target === port && protocol === 'tcp' && /^\d+$/.test(published),
    );
    return written && { host: hostOf(written.host_ip ?? '', '127.0.0.1'), port: Number(written.published) };
  };
}
