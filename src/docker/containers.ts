import type Docker from 'dockerode';
import type { ContainerChanged } from '../model/event.ts';
import { label } from '../model/labels.ts';
import type { ContainerState, Health, PublishedPort } from '../model/observed.ts';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';

/** One container as the engine has it now, or `undefined` if it does not. */
export async function inspectContainer(
  engine: EngineHttp,
  nameOrId: string,
  signal: AbortSignal,
): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await call<Docker.ContainerInspectInfo>(engine, 'GET', `/containers/${nameOrId}/json`, { signal });
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/** An inspected container as the event that tells its state. */
export function containerChanged(info: Docker.ContainerInspectInfo): ContainerChanged {
  const { State } = info;
  const labels = info.Config.Labels;
  const state = containerState(State.Status);
  // Docker says none, and Podman nothing, of a container without a healthcheck.
  const health = healths.find((known) => known === State.Health?.Status);
  const ended = state === 'exited' || state === 'dead';
  return {
    type: 'container-changed',
    service: labels[label.service] ?? '',
    number: Number(labels[label.number] ?? 0),
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    state,
    ...(health === undefined ? {} : { health }),
    ...(ended || State.Restarting ? { exitCode: State.ExitCode } : {}),
    ...(State.OOMKilled ? { outOfMemory: true } : {}),
    ...(info.RestartCount > 0 ? { restarts: info.RestartCount } : {}),
    ...moment('startedAt', State.StartedAt),
    ...moment('endedAt', State.FinishedAt),
    ports: State.Running ? publishedPorts(info) : [],
  };
}

/** The engine has a time long ago for what has not happened. */
function moment(name: 'startedAt' | 'endedAt', time: string): Partial<ContainerChanged> {
  const at = Date.parse(time);
  return at > 0 ? { [name]: at } : {};
}

const healths: readonly Health[] = ['starting', 'healthy', 'unhealthy'];

/** Podman has words of its own for some states. */
const podmanStates: Readonly<Record<string, ContainerState>> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
  unknown: 'dead',
};

/** The state that an engine tells, in Docker's words. */
export function containerState(told: string): ContainerState {
  return podmanStates[told] ?? (told as ContainerState);
}

function publishedPorts(info: Docker.ContainerInspectInfo): PublishedPort[] {
  // The engine gives null for a port that is exposed but not published, whatever its declared type says.
  const ports: Record<string, { HostIp: string; HostPort: string }[] | null> =
    info.NetworkSettings.Ports ?? {};
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      hostIp: HostIp,
      hostPort: Number(HostPort),
      containerPort: Number(port),
      protocol,
    }));
  });
}

/** Has a container join a network; `accept`: refusals that are as good. Names of networks may have any characters in them. */
export function joinNetwork(
  engine: EngineHttp,
  network: string,
  body: { readonly Container: string; readonly EndpointConfig: object },
  options: { readonly signal: AbortSignal; readonly accept?: readonly number[] },
): Promise<void> {
  return call(engine, 'POST', `/networks/${encodeURIComponent(network)}/connect`, { body, ...options });
}
