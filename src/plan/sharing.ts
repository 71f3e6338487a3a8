import type { Service } from '../model/stack.ts';

const namespaces = ['network_mode', 'ipc', 'pid'] as const;

/** What a service shares with another one, by the other's name, in words. */
export function sharedWith(service: Service): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  const words = { network_mode: 'network', ipc: 'shared memory', pid: 'processes' } as const;
  for (const from of service.volumes_from ?? []) {
    const name = serviceOfVolumes(from);
    if (name !== undefined) shared.set(name, 'volumes');
  }
  for (const key of namespaces) {
    const name = serviceOfNamespace(service[key]);
    if (name !== undefined) shared.set(name, words[key]);
  }
  return shared;
}

/**
 * The service with the containers it shares something with instead of the names of their services, as it is given to the
 * engine and hashed by Docker Compose 2.40.3: `container:ID`, and for volumes `ID`.
 */
export function withContainers(service: Service, idOf: (name: string) => string): Service {
  const resolved: Record<string, string | readonly string[]> = {};
  for (const key of namespaces) {
    const name = serviceOfNamespace(service[key]);
    if (name !== undefined) resolved[key] = `container:${idOf(name)}`;
  }
  if (service.volumes_from !== undefined) {
    resolved.volumes_from = service.volumes_from.map((from) => containerOf(from, idOf));
  }
  return { ...service, ...resolved };
}

/** The containers whose volumes a service mounts, as the engine takes them: Docker Compose loses that they are read-only. */
export function volumesFrom(service: Service, idOf: (name: string) => string): readonly string[] {
  return (service.volumes_from ?? []).map((from) => {
    const mode = /:(ro|rw)$/.exec(from)?.[0] ?? '';
    return `${containerOf(from, idOf)}${mode}`;
  });
}

function containerOf(from: string, idOf: (name: string) => string): string {
  const [first = '', second = ''] = from.split(':');
  return first === 'container' ? second : idOf(first);
}

function serviceOfNamespace(mode: string | undefined): string | undefined {
  return /^service:(.+)$/s.exec(mode ?? '')?.[1];
}

function serviceOfVolumes(from: string): string | undefined {
  return from.startsWith('container:') ? undefined : from.split(':', 1)[0];
}
