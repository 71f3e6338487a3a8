import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { discoveryText, exposedPorts, type FoundPeer, tell } from '../model/discovery.ts';
import { label } from '../model/labels.ts';
import type { CreateContainer } from '../model/plan.ts';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';

/** The action with what images tell of the ports of other services that were not there when it was planned. */
export async function withPeers(
  engine: EngineHttp,
  action: CreateContainer,
  signal: AbortSignal,
): Promise<CreateContainer> {
  const { surround } = action;
  if (surround === undefined) return action;
  const peers = await Promise.all(surround.peers.map((found) => withPorts(engine, found, signal)));
  const { variables } = tell({ ...surround, peers });
  const hash = createHash('sha256').update(discoveryText(variables)).digest('hex');
  return { ...action, discovery: variables, labels: { ...action.labels, [label.discovery]: hash } };
}

async function withPorts(engine: EngineHttp, found: FoundPeer, signal: AbortSignal): Promise<FoundPeer> {
  if (found.ports !== undefined) return found;
  try {
    const path = `/images/${found.image}/json`;
    const { Config } = await call<Docker.ImageInspectInfo>(engine, 'GET', path, { signal });
    return { ...found, ports: exposedPorts(Object.keys(Config?.ExposedPorts ?? {})) };
  } catch (error) {
    // It is not needed for more.
    if (error instanceof EngineRefusal && error.status === 404) return found;
    throw error;
  }
}
