import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type {
  Action,
  CreateContainer,
  CreateNetwork,
  RemoveContainer,
  RemoveNetwork,
  RenameContainer,
  StartContainer,
} from '../model/plan.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { isOlder } from '../model/versions.ts';
import { call, EngineRefusal } from './api.ts';
import { awaitSuccessor } from './beside.ts';
import { containerState, inspectContainer, joinNetwork } from './containers.ts';
import { endCopy } from './copy-volume.ts';
import type { EventHub } from './events.ts';
import type { EngineConnection, EngineHttp } from './http.ts';
import { tellingPatience } from './patience.ts';
import { withPeers } from './peers.ts';
import { withProxies } from './proxies.ts';
import { awaitCondition } from './ready.ts';
import { isMadeAlready, isRenamedAlready } from './repeat.ts';
import { withProfiles } from './security.ts';
import { drainContainer, takeOver, withNames } from './take-over.ts';
import { containerBody, endpointBody, networkBody, volumeBody } from './translate.ts';

/**
 * Carries out one action, and loads what few of them take only for those. What is already as wanted is no error: 304, or 404 of what
 * is to be removed.
 */
export async function perform(
  engine: EngineConnection,
  hub: EventHub,
  action: Action,
  context: PerformContext,
): Promise<void> {
  const { signal } = context;
  switch (action.kind) {
    case 'pull-image':
      return (await import('./pull.ts')).pullImage(engine, action, signal, context.progress);
    case 'push-image':
      return (await import('./pull.ts')).pushImage(engine, action, signal, context.progress);
    case 'build-image':
      await (await import('./build/build.ts')).buildImage({ action }, engine, context);
      return;
    case 'create-network':
      return createNetwork(engine, action, signal);
    case 'create-volume':
      return call(engine, 'POST', '/volumes/create', { body: volumeBody(action), signal });
    case 'clone-volume':
      return (await import('./clone-volume.ts')).cloneVolume(engine, action, context);
    case 'create-container':
      return createContainer(engine, action, signal);
    case 'start-container':
      return startContainer(engine, hub, action, context);
    case 'take-over':
      return takeOver(engine, action, signal);
    case 'drain-container':
      return drainContainer(engine, action, signal);
    case 'run-hook':
      return (await import('./hook.ts')).runHook(engine, action, context);
    case 'sync-files':
      return (await import('./sync/sync.ts')).syncFiles(engine, action, context);
    case 'run-command':
      return (await import('./hook.ts')).runCommand(engine, action, context);
    case 'run-pre-start':
      return (await import('./pre-start.ts')).runPreStart(engine, action, context);
    case 'provide-service':
    case 'withdraw-service':
    case 'prepare-model':
      throw failure({
        code: 'internal',
        message: `the engine has nothing to do with ${action.kind}`,
        hint: 'hand in a runtime with providers',
      });
    case 'stop-container':
      return tellingPatience(engine, action, context, () =>
        action.removed === undefined
          ? call(engine, 'POST', `/containers/${action.id}/stop`, {
              query: timeoutQuery(action),
              signal,
              accept: [304, 404],
            })
          : removeContainer(engine, { ...action, ...action.removed }, signal),
      );
    case 'kill-container':
      return call(engine, 'POST', `/containers/${action.id}/kill`, {
        query: { signal: action.signal },
        signal,
        accept: [404, 409],
      });
    case 'restart-container':
      return tellingPatience(engine, action, context, () =>
        call(engine, 'POST', `/containers/${action.id}/restart`, { query: timeoutQuery(action), signal }),
      );
    case 'pause-container':
      return call(engine, 'POST', `/containers/${action.id}/pause`, { signal });
    case 'unpause-container':
      return call(engine, 'POST', `/containers/${action.id}/unpause`, { signal });
    case 'remove-container':
      return removeContainer(engine, action, signal);
    case 'rename-container':
      return renameContainer(engine, action, context);
    case 'await-condition':
      return awaitCondition(engine, hub, action, context);
    case 'remove-network':
      return removeNetwork(engine, action, signal);
    case 'remove-volume':
      return removeUnlessUsed(
        engine,
        `/volumes/${action.name}`,
        `volume ${action.name}`,
        [409],
        signal,
        action.ifUsed === 'fail' ? 'error' : 'warning',
      );
    case 'keep-volume':
      return (await import('./trash.ts')).keepVolume(engine, action, context);
    case 'forget-volume':
      return (await import('./trash.ts')).forgetVolume(engine, action, signal);
    case 'end-copy':
      return endCopy(engine, action, signal);
    case 'remove-image':
      return removeUnlessUsed(engine, `/images/${action.image}`, `image ${action.image}`, [409], signal);
    case 'prune-images':
      return (await import('./prune.ts')).pruneImages(engine, action, signal);
  }
}

function timeoutQuery({ timeout }: { readonly timeout?: number }): { readonly t?: string } {
  return timeout === undefined ? {} : { t: String(timeout) };
}

async function createContainer(
  engine: EngineHttp,
  planned: CreateContainer,
  signal: AbortSignal,
): Promise<void> {
  const known = await withProfiles(await withNewcomers(engine, planned, signal));
  const action = await withNames(engine, await withPeers(engine, known, signal), signal);
  const imageId = action.imageId ?? (await idOfImage(engine, action.image, signal));
  const isOld = isOlder((await engine.apiVersion?.(signal)) ?? '', '1.44');
  // Older engines take one network when a container is created, and its address as that of the container; the other
  // networks are connected afterwards.
  const [primary] = action.networks;
  const joined = isOld ? action.networks.slice(0, 1) : action.networks;
  const query = { name: action.createAs, platform: action.service.platform };
  const body = {
    ...withProxies(containerBody(action, imageId, joined), engine.proxies),
    ...(isOld && primary !== undefined && { MacAddress: endpointBody(action, primary).MacAddress }),
  };
  let attached: readonly number[] = [];
  try {
    await call(engine, 'POST', '/containers/create', { query, body, signal });
  } catch (error) {
    if (!(await isMadeAlready(engine, action, error, signal))) throw error;
    // Some of its networks, which are refused a second time.
    attached = [403];
  }
  for (const network of action.networks.slice(joined.length)) {
    const connection = { Container: action.createAs, EndpointConfig: endpointBody(action, network) };
    await joinNetwork(engine, network.name, connection, { signal, accept: attached });
  }
}

async function idOfImage(engine: EngineHttp, image: string, signal: AbortSignal): Promise<string> {
  return (await call<Docker.ImageInspectInfo>(engine, 'GET', `/images/${image}/json`, { signal })).Id;
}

async function renameContainer(
  engine: EngineHttp,
  action: RenameContainer,
  { project, signal }: PerformContext,
): Promise<void> {
  const query = { name: action.container.name };
  try {
    await call(engine, 'POST', `/containers/${action.from}/rename`, { query, signal });
  } catch (error) {
    if (!(await isRenamedAlready(engine, action, { [label.project]: project }, error, signal))) throw error;
  }
}

async function startContainer(
  engine: EngineHttp,
  hub: EventHub,
  action: StartContainer,
  context: PerformContext,
): Promise<void> {
  const { contents, beside } = action;
  const { signal, contents: texts } = context;
  const container = beside === undefined ? action.container : { ...action.container, name: beside.name };
  if (contents !== undefined) {
    const { writeContents } = await import('./contents.ts');
    await writeContents(engine, container, contents, texts, signal);
  }
  await call(engine, 'POST', `/containers/${container.name}/start`, { signal, accept: [304] });
  if (beside !== undefined) await awaitSuccessor(engine, hub, { ...action, beside }, context);
}

/** The action with the ids of containers that were made since it was planned. */
async function withNewcomers(
  engine: EngineHttp,
  action: CreateContainer,
  signal: AbortSignal,
): Promise<CreateContainer> {
  if (action.newcomers.length === 0) return action;
  let text = JSON.stringify(action);
  for (const { container, placeholder } of action.newcomers) {
    const path = `/containers/${container.name}/json`;
    const { Id } = await call<Docker.ContainerInspectInfo>(engine, 'GET', path, { signal });
    text = text.replaceAll(placeholder, Id);
  }
  const complete: CreateContainer = JSON.parse(text);
  if (complete.hashed === undefined) return complete;
  const hash = createHash('sha256').update(complete.hashed).digest('hex');
  return { ...complete, labels: { ...complete.labels, [label.configHash]: hash } };
}

async function removeContainer(
  engine: EngineHttp,
  { id, volumes }: Pick<RemoveContainer, 'id' | 'volumes'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await call(engine, 'DELETE', `/containers/${id}`, {
      query: { force: '1', v: volumes ? '1' : '0' },
      signal,
      accept: [404],
    });
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 409) throw error;
    if (!(await isBeingRemoved(engine, id, signal))) throw error;
    // Done when it is gone.
    await call(engine, 'POST', `/containers/${id}/wait`, {
      query: { condition: 'removed' },
      signal,
      accept: [404],
    });
  }
}

/** Whether someone else is about it, or has done it. */
async function isBeingRemoved(engine: EngineHttp, id: string, signal: AbortSignal): Promise<boolean> {
  const info = await inspectContainer(engine, id, signal);
  return info === undefined || containerState(info.State.Status) === 'removing';
}

function createNetwork(engine: EngineHttp, action: CreateNetwork, signal: AbortSignal): Promise<void> {
  // Engines before API 1.44 make a second one of the same name unless they are told not to.
  const body = { ...networkBody(action), CheckDuplicate: true };
  return call(engine, 'POST', '/networks/create', { body, signal, accept: [409] });
}

async function removeNetwork(
  engine: EngineHttp,
  { id, name, ifUsed }: RemoveNetwork,
  signal: AbortSignal,
): Promise<void> {
  const path = `/networks/${id}`;
  try {
    const severity = ifUsed === 'fail' ? 'error' : 'warning';
    await removeUnlessUsed(engine, path, `network ${name}`, [403, 409], signal, severity);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const { Containers = {} } = await call<Docker.NetworkInspectInfo>(engine, 'GET', path, { signal });
    // Engines lose count when a client goes away while they start a container.
    const isEmpty = Object.keys(Containers).length === 0;
    const hint =
      isEmpty && 'no container is on it: the engine counts one that is gone, until it is restarted';
    throw new ProblemsError(error.problems.map((problem) => ({ ...problem, ...(hint && { hint }) })));
  }
}

/** Something that others still use stays, as with Docker Compose, and that is told. */
async function removeUnlessUsed(
  engine: EngineHttp,
  path: string,
  what: string,
  usedStatuses: readonly number[],
  signal: AbortSignal,
  severity: Problem['severity'] = 'warning',
): Promise<void> {
  try {
    await call(engine, 'DELETE', path, { signal, accept: [404] });
  } catch (error) {
    if (!(error instanceof EngineRefusal) || !usedStatuses.includes(error.status)) throw error;
    const message = `${what} is still in use and stays`;
    throw new ProblemsError([{ code: 'object-in-use', severity, message, cause: error.said }]);
  }
}
