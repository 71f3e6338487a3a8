import type Docker from 'dockerode';
import type { DrainContainer, TakeOver } from '../model/plan.ts';
import { call } from './api.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';
import { readSockets } from './tcp.ts';
import { endpointBody } from './translate.ts';

/*
 * The names of a service go from one running container to another so that no one who asks for them is refused:
 *
 * 1. The new one joins its networks again, with the names: engines give no name to one that has joined. Until then nobody
 *    asked it anything. From now on both answer.
 * 2. They change their own names. Engines take names out of DNS for a moment while they do, so each still has the other.
 * 3. The old one leaves its networks and joins them again without the names. It gets the same address: the engine gives the
 *    lowest that is free. What was under way goes on: connections survive that the packets of a moment are lost.
 * 4. It is left alone until nobody is connected to it any more, at least as long as it takes a connection that was begun in
 *    that moment to be begun again.
 */

/** Does 1 and 2. */
export async function takeOver(
  engine: EngineHttp,
  { container, made, replaces }: TakeOver,
  signal: AbortSignal,
): Promise<void> {
  const old = await inspectContainer(engine, replaces, signal);
  const successor = await inspectContainer(engine, made.createAs, signal);
  // Done already, by a call whose answer was lost.
  if (successor === undefined) return;
  await joinAgain(engine, successor, made, signal);
  const aside = `${successor.Id.slice(0, 12)}_${container.name}`;
  // It may have been removed by someone else, or been renamed by a call whose answer was lost.
  if (old !== undefined && old.Name !== `/${aside}`) await rename(engine, old.Id, aside, signal);
  await rename(engine, successor.Id, container.name, signal);
}

/** Does 3 and 4. */
export async function drainContainer(
  engine: EngineHttp,
  { id }: DrainContainer,
  signal: AbortSignal,
): Promise<void> {
  const old = await inspectContainer(engine, id, signal);
  if (old?.State.Running !== true) return;
  // Nobody is connected to what listens nowhere.
  if ((await readSockets(engine, id, signal))?.listening.size === 0) return;
  await leaveNames(engine, old, signal);
  await awaitSilence(engine, id, signal);
}

async function joinAgain(
  engine: EngineHttp,
  { Id }: Docker.ContainerInspectInfo,
  { aside: _, ...made }: TakeOver['made'],
  signal: AbortSignal,
): Promise<void> {
  for (const network of made.networks) {
    await leave(engine, network.name, Id, signal);
    const body = { Container: Id, EndpointConfig: endpointBody(made, network) };
    await call(engine, 'POST', `/networks/${network.name}/connect`, { body, signal });
  }
}

async function leaveNames(
  engine: EngineHttp,
  { Id, NetworkSettings }: Docker.ContainerInspectInfo,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, settings] of Object.entries(NetworkSettings.Networks)) {
    await leave(engine, name, Id, signal);
    const EndpointConfig = { Links: settings.Links };
    await call(engine, 'POST', `/networks/${name}/connect`, {
      body: { Container: Id, EndpointConfig },
      signal,
    });
  }
}

function leave(engine: EngineHttp, network: string, id: string, signal: AbortSignal): Promise<void> {
  const body = { Container: id };
  return call(engine, 'POST', `/networks/${network}/disconnect`, { body, signal, accept: [404] });
}

function rename(engine: EngineHttp, id: string, name: string, signal: AbortSignal): Promise<void> {
  return call(engine, 'POST', `/containers/${id}/rename`, { query: { name }, signal });
}

/** A system that got no answer when it began a connection begins again after a second. In milliseconds. */
const secondTry = 1200;
/** How long connections that stay open are waited for. */
const longestDrain = 3000;
const pause = 100;

async function awaitSilence(engine: EngineHttp, id: string, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  await sleep(secondTry, signal);
  while (!signal.aborted && performance.now() - began < longestDrain) {
    const sockets = await readSockets(engine, id, signal);
    if (sockets === undefined || sockets.connected === 0) return;
    await sleep(pause, signal);
  }
}
