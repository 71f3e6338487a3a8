import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type { CreateContainer, DrainContainer, TakeOver } from '../model/plan.ts';
import { call } from './api.ts';
import { inspectContainer, joinNetwork } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';
import { listensNowhere, readSockets } from './tcp.ts';
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
 *
 * Nobody asks one that listens nowhere anything: what takes its place is made with the names, and of 1 to 4 only 2 is left.
 */

/** The action as it is carried out: with the names, if nobody can ask the one that has them now. */
export async function withNames(
  engine: EngineHttp,
  action: CreateContainer,
  signal: AbortSignal,
): Promise<CreateContainer> {
  if (action.aside !== true || !(await listensNowhere(engine, formerOf(action), signal))) return action;
  const { aside: _, ...named } = action;
  return { ...named, labels: { ...action.labels, [label.aside]: asNamed } };
}

const asNamed = 'named';

/** Whether a container was made so. */
export function isNamed({ Config }: Docker.ContainerInspectInfo): boolean {
  return Config.Labels[label.aside] === asNamed;
}

/** The id of the container that one is to replace that is made beside it: its name begins with that. */
export function formerOf({ createAs }: Pick<CreateContainer, 'createAs'>): string {
  return createAs.slice(0, 12);
}

/** Does 1 and 2. */
export async function takeOver(
  engine: EngineHttp,
  { container, made, replaces }: TakeOver,
  signal: AbortSignal,
): Promise<void> {
  const [old, successor] = await Promise.all(
    [replaces, made.createAs].map((one) => inspectContainer(engine, one, signal)),
  );
  // Done already, by a call whose answer was lost.
  if (successor === undefined) return;
  if (!isNamed(successor)) await joinAgain(engine, successor, made, signal);
  const aside = `${successor.Id.slice(0, 12)}_${container.name}`;
  // It may have been removed by someone else, or been renamed by a call whose answer was lost.
  if (old !== undefined && old.Name !== `/${aside}`) await rename(engine, old.Id, aside, signal);
  await rename(engine, successor.Id, container.name, signal);
}

/** Does 3 and 4. */
export async function drainContainer(
  engine: EngineHttp,
  { id, container }: DrainContainer,
  signal: AbortSignal,
): Promise<void> {
  const [old, successor] = await Promise.all(
    [id, container.name].map((one) => inspectContainer(engine, one, signal)),
  );
  if (old?.State.Running !== true || (successor !== undefined && isNamed(successor))) return;
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
    await joinNetwork(engine, network.name, body, { signal });
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
    await joinNetwork(engine, name, { Container: Id, EndpointConfig }, { signal });
  }
}

function leave(engine: EngineHttp, network: string, id: string, signal: AbortSignal): Promise<void> {
  const body = { Container: id };
  return call(engine, 'POST', `/networks/${encodeURIComponent(network)}/disconnect`, {
    body,
    signal,
    accept: [404],
  });
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
