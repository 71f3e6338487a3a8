import { composeVersion, label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { ContainerRef, CreateVolume, StepId } from '../model/plan.ts';
import { failure, type Problem } from '../model/problem.ts';
import { originOf, type Service, type Stack, type Volume } from '../model/stack.ts';
import type { Decision } from './decide.ts';
import { refOf } from './existing.ts';
import { networkHash, volumeHash } from './hash.ts';
import { retire } from './retire.ts';
import type { StepList } from './steps.ts';
import { discard, type Going, type Keeping } from './trash.ts';

/** Engine names of the project's networks that were made from another configuration. */
export function findStaleNetworks(stack: Stack, observed: ObservedState): ReadonlySet<string> {
  const stale = Object.values(stack.networks).filter((network) => {
    if (network.external === true) return false;
    const present = observed.networks.find((other) => other.name === network.name);
    if (present?.labels[label.project] !== stack.name) return false;
    const hash = present.labels[label.configHash];
    return hash !== undefined && hash !== networkHash(network);
  });
  return new Set(stale.map((network) => network.name));
}

/** Engine names of the project's volumes that were made from another configuration. */
export function findStaleVolumes(stack: Stack, observed: ObservedState): ReadonlySet<string> {
  const stale = Object.values(stack.volumes).filter((volume) => {
    if (volume.external === true) return false;
    const present = observed.volumes.find((other) => other.name === volume.name);
    if (present?.labels[label.project] !== stack.name) return false;
    const hash = present.labels[label.configHash];
    return hash !== undefined && hash !== volumeHash(volume);
  });
  return new Set(stale.map((volume) => volume.name));
}

/** Makes the networks of a stack, those that are stale anew; gives, by key, the step after which each is there. */
export function planNetworks(
  list: StepList,
  stack: Stack,
  observed: ObservedState,
  decisions: readonly Decision[],
  staleNetworks: ReadonlySet<string>,
  gone: Map<string, StepId>,
  warnings: Problem[],
): ReadonlyMap<string, StepId> {
  const ready = new Map<string, StepId>();
  for (const [key, network] of Object.entries(stack.networks)) {
    const path = `networks.${key}`;
    const present = observed.networks.find((other) => other.name === network.name);
    if (network.external === true) continue;
    const labels = {
      ...network.labels,
      [label.network]: key,
      [label.project]: stack.name,
      [label.version]: composeVersion,
      [label.configHash]: networkHash(network),
    };
    const create = { kind: 'create-network', key, network, labels } as const;
    if (present === undefined) {
      ready.set(key, list.add(create, 'it does not exist', path));
    } else if (staleNetworks.has(network.name)) {
      const because = 'its configuration changed';
      const isOn = ({ networks }: ObservedContainer): boolean =>
        networks.some(({ name }) => name === network.name);
      const uses = ({ networks = {} }: Service, container: ObservedContainer): boolean =>
        key in networks || isOn(container);
      const users = removeUsers(list, stack, decisions, uses, `network ${network.name} changed`, gone);
      const attached = observed.containers.filter(isOn);
      const staying = attached.filter((container) => isAlive(container) && !gone.has(container.id));
      if (staying.length > 0) throw inUse(stack, network.name, staying, path);
      const removed = list.add(
        { kind: 'remove-network', name: network.name, id: present.id, ifUsed: 'fail' },
        because,
        path,
        [...users, ...attached.map(({ id }) => gone.get(id))],
      );
      ready.set(key, list.add(create, because, path, [removed]));
    } else if (present.labels[label.project] !== stack.name) {
      warnings.push(foreign('network', network.name, stack, path));
    }
  }
  return ready;
}

/** What containers use can only be made anew when none is left that does: they go first. */
function removeUsers(
  list: StepList,
  stack: Stack,
  decisions: readonly Decision[],
  uses: (service: Service, container: ObservedContainer) => boolean,
  because: string,
  gone: Map<string, StepId>,
): readonly StepId[] {
  const users: StepId[] = [];
  for (const { replicas, service, name: user } of decisions) {
    for (const replica of replicas) {
      if (replica.verdict !== 'replace' || !uses(service, replica.current)) continue;
      const removed =
        gone.get(replica.current.id) ??
        retire(list, stack, replica.ref, replica.current, because, `services.${user}`, []);
      gone.set(replica.current.id, removed);
      users.push(removed);
    }
  }
  return users;
}

interface VolumesOptions {
  /** Engine names of those to be made anew. */
  readonly replaced: ReadonlySet<string>;
  /** By name, the step after which a volume is gone that had got a part of another one. */
  readonly ended: ReadonlyMap<string, StepId>;
  /** By container id, the step after which it is gone. */
  readonly gone: Map<string, StepId>;
  /** See `UpOptions`. */
  readonly keeping: Keeping | undefined;
  readonly warnings: Problem[];
}

/**
 * Makes the volumes of a stack; one that is there is not touched, unless it is among those to be made anew, with which its
 * data goes. Gives, by key, the step after which each is there.
 */
export function planVolumes(
  list: StepList,
  stack: Stack,
  observed: ObservedState,
  decisions: readonly Decision[],
  { replaced, ended, gone, keeping, warnings }: VolumesOptions,
): ReadonlyMap<string, StepId> {
  const ready = new Map<string, StepId>();
  const going: Going[] = [];
  let lastClone: StepId | undefined;
  for (const [key, volume] of Object.entries(stack.volumes)) {
    const path = `volumes.${key}`;
    const present = observed.volumes.find((other) => other.name === volume.name);
    if (volume.external === true) continue;
    const hash = volumeHash(volume);
    if (present === undefined) {
      const after = [ended.get(volume.name)];
      const made = list.add(creationOf(stack, key, volume), 'it does not exist', path, after);
      const clone = cloneOf(list, stack, observed, key, volume.name, [made, lastClone], warnings);
      // One after the other: whatever writes to several pauses for each of them.
      lastClone = clone ?? lastClone;
      ready.set(key, clone ?? made);
    } else if (replaced.has(volume.name)) {
      const users = emptyVolume(list, stack, observed, decisions, volume.name, gone);
      const { name } = volume;
      going.push({
        name,
        path,
        project: stack.name,
        because: changed,
        quiet: users,
        free: users,
        ifUsed: 'fail',
      });
    } else if (present.labels[label.project] !== stack.name) {
      warnings.push(foreign('volume', volume.name, stack, path));
    } else if ((present.labels[label.configHash] ?? hash) !== hash) {
      warnings.push({
        code: 'volume-differs',
        severity: 'warning',
        message: `volume ${volume.name} was created with other settings and is used as it is`,
        hint: 'its data is kept; up --yes would make it anew, without its data',
        path,
        ...placed(stack, path),
      });
    }
  }
  const removed = discard(list, going, keeping);
  for (const [key, volume] of Object.entries(stack.volumes)) {
    const free = removed.get(volume.name);
    if (free !== undefined)
      ready.set(key, list.add(creationOf(stack, key, volume), changed, `volumes.${key}`, [free]));
  }
  return ready;
}

const changed = 'its configuration changed';

function creationOf(stack: Stack, key: string, volume: Volume): CreateVolume {
  const labels = {
    ...volume.labels,
    [label.volume]: key,
    [label.project]: stack.name,
    [label.version]: composeVersion,
    [label.configHash]: volumeHash(volume),
  };
  return { kind: 'create-volume', key, volume, labels };
}

/** The step after which a new volume has the data that it is to have of another one, if it is to. */
function cloneOf(
  list: StepList,
  { cloned = {} }: Stack,
  { volumes }: ObservedState,
  key: string,
  volume: string,
  after: readonly (StepId | undefined)[],
  warnings: Problem[],
): StepId | undefined {
  const from = cloned[key];
  if (from === undefined) return undefined;
  if (volumes.some(({ name }) => name === from)) {
    const action = { kind: 'clone-volume', key, volume, from } as const;
    return list.add(action, 'the copy is to have its data', `volumes.${key}`, after);
  }
  warnings.push({
    code: 'nothing-to-clone',
    severity: 'warning',
    message: `there is no volume ${from} whose data could be copied: ${volume} is empty`,
    path: `volumes.${key}`,
  });
  return undefined;
}

/** A volume can only be made anew when no container has it, whichever service it is of. */
function emptyVolume(
  list: StepList,
  stack: Stack,
  observed: ObservedState,
  decisions: readonly Decision[],
  volume: string,
  gone: Map<string, StepId>,
): readonly StepId[] {
  const refs = new Map<string, ContainerRef>();
  for (const { replicas } of decisions)
    for (const replica of replicas)
      if (replica.verdict !== 'create') refs.set(replica.current.id, replica.ref);
  const users = observed.containers.filter(({ mounts }) => mounts.some(({ name }) => name === volume));
  return users.map((user) => {
    const ref = refs.get(user.id) ?? refOf(user);
    const because = `volume ${volume} changed`;
    const removed =
      gone.get(user.id) ?? retire(list, stack, ref, user, because, `services.${user.service}`, []);
    gone.set(user.id, removed);
    return removed;
  });
}

/** Networks and volumes that others are to have made, and that are not there. */
export function missingExternals(stack: Stack, observed: ObservedState): readonly Problem[] {
  const missing = <Part extends { readonly name: string; readonly external?: boolean }>(
    kind: 'network' | 'volume',
    parts: Readonly<Record<string, Part>>,
    present: readonly { readonly name: string }[],
  ) =>
    Object.entries(parts)
      .filter(([, { name, external }]) => external === true && !present.some((one) => one.name === name))
      .map(([key, { name }]) => missingExternal(stack, kind, name, `${kind}s.${key}`));
  return [
    ...missing('network', stack.networks, observed.networks),
    ...missing('volume', stack.volumes, observed.volumes),
  ];
}

function missingExternal(stack: Stack, kind: 'network' | 'volume', name: string, path: string): Problem {
  return {
    code: 'external-missing',
    severity: 'error',
    message: `external ${kind} ${name} does not exist`,
    hint: `create it with: docker ${kind} create ${name}`,
    path,
    ...placed(stack, path),
  };
}

function inUse(stack: Stack, network: string, users: readonly ObservedContainer[], path: string) {
  const names = users.map(({ name }) => name).join(', ');
  return failure({
    code: 'object-in-use',
    message: `network ${network} is to be made anew, and ${names} ${users.length === 1 ? 'is' : 'are'} on it and would stay`,
    hint: 'bring up all services together, with --remove-orphans if the file no longer has them, or stop them first',
    path,
    ...placed(stack, path),
  });
}

function foreign(kind: 'network' | 'volume', name: string, stack: Stack, path: string): Problem {
  return {
    code: 'foreign-object',
    severity: 'warning',
    message: `${kind} ${name} exists but does not belong to project ${stack.name}; it is used as it is`,
    hint: `add "external: true" to say that this is meant, or choose another name`,
    path,
    ...placed(stack, path),
  };
}

/** The place of a path, for spreading into a problem. */
export function placed(stack: Stack, path: string): Pick<Problem, 'location'> {
  const location = originOf(stack, path);
  return location === undefined ? {} : { location };
}
