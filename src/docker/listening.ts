import type Docker from 'dockerode';
import { exposedPorts } from '../model/discovery.ts';
import type { ContainerRef } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { inspectContainer } from './containers.ts';
import { exitProblem } from './exits.ts';
import type { EngineHttp } from './http.ts';
import { probeTcp } from './port-probe.ts';
import { sleep } from './sleep.ts';
import { firstChosenPort } from './socket-table.ts';
import { readSockets } from './tcp.ts';

/** How long a container may take until it listens anywhere, in milliseconds: meanwhile the other one answers. */
const longestStart = 60_000;
/** And how long after that until it listens where it is expected to. */
const longestDelay = 10_000;
const firstPause = 50;
const longestPause = 500;

/**
 * Resolves once a container listens on the ports that the one it replaces listens on. One that listens elsewhere, or
 * nowhere, is taken as it is after a while, with a warning: the file may want it so. Rejects with `ProblemsError` if it ends.
 */
export async function awaitListening(
  engine: EngineHttp,
  successor: ContainerRef,
  former: string,
  { signal, progress, doubt }: Pick<PerformContext, 'signal' | 'progress' | 'doubt'>,
): Promise<void> {
  const wanted = [...((await listeningOf(engine, former, signal)) ?? [])].filter(
    (port) => port < firstChosenPort,
  );
  if (wanted.length === 0) return;
  const began = performance.now();
  let since: number | undefined;
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    signal.throwIfAborted();
    const info = await inspectContainer(engine, successor.name, signal);
    if (info === undefined) return;
    const { State } = info;
    if (!State.Running || State.Restarting) {
      if (State.ExitCode === 0 && !State.Restarting) return;
      throw await exitProblem(engine, successor, State, signal);
    }
    const found = await listeningOf(engine, successor.name, signal, wanted);
    const missing = wanted.filter((port) => found?.has(port) !== true);
    if (missing.length === 0) return;
    if (found === undefined) {
      // One that has ended meanwhile tells nothing either.
      const now = await inspectContainer(engine, successor.name, signal);
      if (now === undefined || isSameRun(now, info)) return;
      continue;
    }
    const now = performance.now();
    if (found.size > 0) since ??= now;
    if (now - began > longestStart || (since !== undefined && now - since > longestDelay))
      return doubt?.(listensElsewhere(successor, missing));
    progress({ text: `waiting until ${successor.service} listens on port ${missing.join(', ')}` });
    await sleep(pause, signal);
  }
}

function isSameRun(
  { State: now }: Docker.ContainerInspectInfo,
  { State: before }: Docker.ContainerInspectInfo,
): boolean {
  return now.Running && !now.Restarting && now.StartedAt === before.StartedAt;
}

function listensElsewhere({ service }: ContainerRef, missing: readonly number[]): Problem {
  const ports = `port${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`;
  return {
    code: 'not-listening',
    severity: 'warning',
    service,
    path: `services.${service}`,
    message: `${service} does not listen on ${ports} any more, where its previous version does; it takes over all the same`,
    hint: 'if it only takes longer, give it a healthcheck: that is waited for',
  };
}

/** The ports that a container accepts connections on; undefined if neither it nor its network tells. */
async function listeningOf(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
  candidates?: readonly number[],
): Promise<ReadonlySet<number> | undefined> {
  const sockets = await readSockets(engine, container, signal);
  if (sockets !== undefined) return sockets.listening;
  const info = await inspectContainer(engine, container, signal);
  if (info?.State.Running !== true) return undefined;
  const exposed = exposedPorts(Object.keys(info.Config.ExposedPorts ?? {}));
  const ports = candidates ?? exposed.flatMap(({ port, protocol }) => (protocol === 'tcp' ? [port] : []));
  const probes = await Promise.all(ports.map((port) => probeTcp(engine, info, port, signal)));
  if (probes.some((probe) => probe === undefined)) return undefined;
  return new Set(ports.filter((_, index) => probes[index]?.exitCode === 0));
}
