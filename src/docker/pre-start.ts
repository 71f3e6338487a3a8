import { label } from '../model/labels.ts';
import type { RunPreStart } from '../model/plan.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { isOlder } from '../model/versions.ts';
import { call, EngineRefusal } from './api.ts';
import { withoutEmpty } from './body.ts';
import { inspectContainer, joinNetwork } from './containers.ts';
import { awaitExit } from './details.ts';
import type { EngineHttp } from './http.ts';
import { readContainerLogs } from './logs.ts';
import { withProxies } from './proxies.ts';

/** How many lines of a hook that failed are told with it. */
const toldLines = 10;

/**
 * Runs a hook in a container of its own to its end. One that succeeds is removed; one that fails stays to be looked at until
 * it runs again. Throws `hook-failed` with what it said last.
 */
export async function runPreStart(
  engine: EngineHttp,
  action: RunPreStart,
  { signal, progress }: PerformContext,
): Promise<void> {
  await remove(engine, action.name);
  const id = await create(engine, action, signal);
  const written: string[] = [];
  try {
    await call(engine, 'POST', `/containers/${id}/start`, { signal });
    await tellOutput(engine, id, signal, (lines) => {
      written.push(...lines);
      progress({ lines });
    });
    const code = await awaitExit(engine, id, signal);
    if (code !== 0) throw failed(action, id, code, written);
  } catch (error) {
    // What was broken off has nothing to be looked at.
    if (signal.aborted) await remove(engine, id);
    throw error;
  }
  await remove(engine, id);
}

/** What a container writes, to its end. */
async function tellOutput(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
  tell: (lines: readonly string[]) => void,
): Promise<void> {
  const query = { container, tty: false, follow: true, tail: 'all' } as const;
  try {
    for await (const { lines } of readContainerLogs(engine, query, signal))
      tell(lines.map(({ text }) => text));
  } catch (error) {
    // Engines that keep no output have none to give.
    if (!(error instanceof EngineRefusal)) throw error;
  }
}

async function create(engine: EngineHttp, action: RunPreStart, signal: AbortSignal): Promise<string> {
  const { networks, networkMode, name, image, hook } = action;
  const isOld = isOlder((await engine.apiVersion?.(signal)) ?? '', '1.44');
  const joined = isOld ? networks.slice(0, 1) : networks;
  const planned = withoutEmpty({
    Image: image,
    Cmd: hook.command,
    Env: Object.entries(action.environment).map(([key, value]) => (value === null ? key : `${key}=${value}`)),
    User: hook.user,
    WorkingDir: hook.working_dir,
    Labels: action.labels,
    HostConfig: withoutEmpty({
      NetworkMode: networkMode ?? networks[0]?.name ?? 'none',
      Privileged: hook.privileged,
      ...(await volumesLike(engine, action.container.name, signal)),
    }),
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(joined.map(({ name, aliases }) => [name, { Aliases: aliases }])),
    },
  });
  const body = withProxies(planned, engine.proxies);
  const { Id } = await call<{ Id: string }>(engine, 'POST', '/containers/create', {
    query: { name },
    body,
    signal,
  });
  for (const network of networks.slice(joined.length)) {
    const connection = { Container: Id, EndpointConfig: { Aliases: network.aliases } };
    await joinNetwork(engine, network.name, connection, { signal });
  }
  return Id;
}

/** The volumes of a container. The engine cannot hand on all of them at once if memory of its own is among them. */
async function volumesLike(engine: EngineHttp, container: string, signal: AbortSignal): Promise<object> {
  const info = await inspectContainer(engine, container, signal);
  const hasMemory = info?.HostConfig.Mounts?.some(({ Type }) => Type === 'tmpfs') === true;
  if (!hasMemory) return { VolumesFrom: [container] };
  return {
    Binds: info.Mounts.filter(({ Type }) => Type !== 'tmpfs').map(
      ({ Name, Source, Destination, RW }) => `${Name ?? Source}:${Destination}:${RW ? 'rw' : 'ro'}`,
    ),
  };
}

/** Also while all is being broken off. */
async function remove(engine: EngineHttp, container: string): Promise<void> {
  const query = { force: '1', v: '1' };
  const signal = new AbortController().signal;
  await call(engine, 'DELETE', `/containers/${container}`, { query, signal, accept: [404, 409] });
}

function failed(
  { container: { service }, index, name, labels }: RunPreStart,
  id: string,
  code: number,
  written: readonly string[],
): ProblemsError {
  return failure({
    code: 'hook-failed',
    service,
    path: `services.${service}.${labels[label.hook]}[${index}]`,
    message: `service "${service}" pre_start[${index}] exited with code ${code}`,
    hint: `its container ${name} (${id.slice(0, 12)}) stays to be looked at until the next start or down`,
    ...(written.length === 0 ? {} : { cause: written.slice(-toldLines).join('\n') }),
  });
}
