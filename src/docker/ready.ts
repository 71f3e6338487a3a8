import type Docker from 'dockerode';
import { exposedPorts } from '../model/discovery.ts';
import type { AwaitCondition, Condition, ContainerRef } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { inspectContainer } from './containers.ts';
import { type EventHub, watchOutage } from './events.ts';
import { exitProblem } from './exits.ts';
import type { EngineHttp } from './http.ts';
import { pausesOf } from './listeners.ts';
import { healthProbed, type ProbeResult, runProbe } from './probes.ts';
import { becomesReady, NotReady } from './readiness.ts';
import { heardRun, settlingTime, staysUp } from './settle.ts';
import { sleep } from './sleep.ts';

/**
 * Resolves once every container is in the wanted condition, rejects with `ProblemsError` once one cannot get there.
 * Woken by the engine's events; asks the engine only when something happened. Rejects with the connection's error when
 * the engine has gone and does not come back soon.
 */
export async function awaitCondition(
  engine: EngineHttp,
  hub: EventHub,
  action: AwaitCondition,
  { signal, probed }: Pick<PerformContext, 'signal' | 'probed'>,
): Promise<void> {
  const { containers, within } = action;
  const limit = within === undefined ? undefined : AbortSignal.timeout(within * 1000);
  const ending = limit === undefined ? signal : AbortSignal.any([signal, limit]);
  try {
    const waiting = containers.map(async (container) => {
      const run = action.condition === 'settled' ? await heardRun(hub, container.name, ending) : undefined;
      if (run !== undefined && (await staysUp(engine, hub, run, ending))) return;
      await awaitContainer(engine, hub, container, action, { signal: ending, probed });
    });
    await Promise.all(waiting);
  } catch (error) {
    throw limit?.aborted === true && !signal.aborted ? tooLate(action) : error;
  }
}

async function awaitContainer(
  engine: EngineHttp,
  hub: EventHub,
  container: ContainerRef,
  action: AwaitCondition,
  { signal, probed }: { readonly signal: AbortSignal; readonly probed: PerformContext['probed'] },
): Promise<void> {
  const done = new AbortController();
  const anySignal = AbortSignal.any([signal, done.signal]);
  // Probing and settling both count as news, as the engine's events do.
  const news = createBell();
  const outage = watchOutage(longestOutage, {
    gone: (error) => {
      done.abort(error);
      news.ring();
    },
    back: () => {},
  });
  const unsubscribe = hub.subscribe({
    connected: () => {
      outage.connected();
      news.ring();
    },
    // How our own probes end is known.
    notice: ({ name, action: told }) => name === container.name && !told.startsWith('exec_') && news.ring(),
    lost: outage.lost,
  });
  signal.addEventListener('abort', news.ring);
  let probe: Promise<void> | undefined;
  let hasSettled = false;
  let isProven = false;
  const settle = (): void => {
    hasSettled = true;
    news.ring();
  };
  const prove = (isReady: boolean): void => {
    isProven = isReady;
    news.ring();
  };
  const stayUp = async (): Promise<void> => {
    const began = performance.now();
    const run = await heardRun(hub, container.name, anySignal);
    if (run === undefined || !(await staysUp(engine, hub, run, anySignal)))
      await sleep(settlingTime - (performance.now() - (run?.began ?? began)), anySignal);
    if (!anySignal.aborted) settle();
  };
  const giveUp = (error: unknown): void => {
    done.abort(error instanceof NotReady ? notReady(container, error) : error);
    news.ring();
  };
  const look = (info: Docker.ContainerInspectInfo): Promise<boolean> => {
    const tell = (result: ProbeResult, of = info): void =>
      probed?.(healthProbed(of, hub.probes.numberOf(of), result));
    return action.ready === undefined
      ? probeUntilHealthy(engine, info, tell, anySignal)
      : becomesReady(engine, info.Id, action.ready, tell, anySignal);
  };
  try {
    for (;;) {
      anySignal.throwIfAborted();
      // What is asked for now tells all that has happened.
      news.silence();
      const info = await inspectContainer(engine, container.name, anySignal);
      if (info === undefined) throw vanished(container);
      const condition = conditionFor(action, info);
      if (await isReached(engine, info, container, { ...action, condition }, hasSettled, signal)) return;
      if (condition === 'settled') probe ??= stayUp();
      if (condition === 'healthy' && info.State.Running) probe ??= look(info).then(prove, giveUp);
      await news.next();
      // That was a moment ago.
      if (isProven) return;
    }
  } catch (error) {
    // What was asked at that moment is cut short, and of that nothing is to be told.
    throw done.signal.aborted ? done.signal.reason : error;
  } finally {
    done.abort();
    signal.removeEventListener('abort', news.ring);
    unsubscribe();
    outage.stop();
    await probe?.catch(() => {});
  }
}

/** What being ready means for a container: a job that has ended well needs no health. */
function conditionFor(
  { condition, ready }: AwaitCondition,
  { Config, State }: Docker.ContainerInspectInfo,
): Exclude<Condition, 'ready'> {
  if (condition !== 'ready') return condition;
  const isDone = State.Status === 'exited' && State.ExitCode === 0;
  return (ready !== undefined || hasTest(Config)) && !isDone ? 'healthy' : 'settled';
}

/** How long an engine may be away, e.g. to restart, before waiting is given up, in milliseconds. */
const longestOutage = 5000;

/** True if the condition holds, false if it may come to hold; rejects if it cannot. `hasSettled`: it has had its time for that. */
async function isReached(
  engine: EngineHttp,
  { State, Config }: Pick<Docker.ContainerInspectInfo, 'State' | 'Config'>,
  container: ContainerRef,
  { condition, ready }: Pick<AwaitCondition, 'ready'> & { readonly condition: Exclude<Condition, 'ready'> },
  hasSettled: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const ended = State.Status === 'exited' || State.Status === 'dead';
  switch (condition) {
    case 'completed':
      // One that its restart policy starts again has not ended.
      if (ended && State.ExitCode !== 0) throw await exitProblem(engine, container, State, signal);
      return ended;
    case 'settled':
      // Starting again and again is not what was asked for.
      if ((ended || State.Restarting) && State.ExitCode !== 0)
        throw await exitProblem(engine, container, State, signal);
      return hasSettled || ended;
    case 'healthy':
      if (ended) throw await exitProblem(engine, container, State, signal);
      // What the file says beside it counts in its place.
      if (ready !== undefined) return false;
      if (!hasTest(Config)) throw withoutHealthcheck(container, Config);
      if (State.Health?.Status === 'unhealthy') throw unhealthy(container, State);
      return State.Health?.Status === 'healthy';
  }
}

export function hasTest({
  Healthcheck,
}: Pick<Docker.ContainerInspectInfo['Config'], 'Healthcheck'>): boolean {
  const [form = 'NONE'] = Healthcheck?.Test ?? [];
  return form !== 'NONE';
}

/** In milliseconds. */
const firstPause = 50;
const longestPause = 500;
/** A pause grows to no more than so many times what the last test took: looking often is as cheap as the test is. */
const share = 4;

/**
 * Runs the container's own health test at once and again with growing pauses until it passes: true. The engine itself would
 * look for the first time only after a whole interval. A failed probe means nothing: when a service is unhealthy, the engine
 * decides.
 */
async function probeUntilHealthy(
  engine: EngineHttp,
  info: Docker.ContainerInspectInfo,
  tell: (result: ProbeResult) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { Id, Config } = info;
  const [form, ...rest] = Config.Healthcheck?.Test ?? [];
  if (form !== 'CMD' && form !== 'CMD-SHELL') return false;
  const command = form === 'CMD' ? rest : ['/bin/sh', '-c', ...rest];
  const pauses = pausesOf(engine, info);
  let pause = firstPause;
  while (!signal.aborted) {
    const began = performance.now();
    const result = await runProbe(engine, Id, command, Config.Healthcheck?.Timeout, signal);
    if (result !== undefined) tell(result);
    if (result?.exitCode === 0) return true;
    const took = performance.now() - began;
    const isHinted = await pauses.pause(pause, Math.min(took, pause), signal);
    pause = isHinted
      ? firstPause
      : Math.min(pause * 1.5, Math.max(took * share, 2 * firstPause), longestPause);
  }
  return false;
}

function tooLate({ service, within }: AwaitCondition) {
  return failure({
    code: 'dependency-failed',
    service,
    message: `${service} was not ready after ${within}s`,
    hint: `see what it says: stack logs ${service}`,
  });
}

function vanished(container: ContainerRef) {
  return failure({
    code: 'dependency-failed',
    service: container.service,
    message: `container ${container.name} was removed by someone else while ${container.service} was waited for`,
    hint: 'run the same command again',
  });
}

function withoutHealthcheck(
  { service }: ContainerRef,
  { ExposedPorts = {} }: Docker.ContainerInspectInfo['Config'],
) {
  const [main] = exposedPorts(Object.keys(ExposedPorts ?? {}));
  const check = main?.protocol === 'tcp' ? `tcp: ${main.port}` : 'log: "TEXT OF A LINE THAT IT WRITES THEN"';
  return failure({
    code: 'no-healthcheck',
    service,
    path: `services.${service}`,
    message: `${service} is waited for until it is healthy, but it has no healthcheck`,
    hint: `write below services.${service} when it is ready: x-stack: { ready: { ${check} } }; or give it a healthcheck, or wait for service_started`,
  });
}

function notReady({ service }: ContainerRef, { message, hint }: NotReady) {
  return failure({
    code: 'service-unhealthy',
    service,
    path: `services.${service}.x-stack.ready`,
    message: `${service} ${message}`,
    hint: hint ?? `see what it says: stack logs ${service}`,
  });
}

function unhealthy(container: ContainerRef, state: Docker.ContainerInspectInfo['State']) {
  const last = state.Health?.Log?.at(-1);
  return failure({
    code: 'service-unhealthy',
    service: container.service,
    path: `services.${container.service}.healthcheck`,
    message: `${container.service} is unhealthy: its health test failed ${state.Health?.FailingStreak ?? 0} times`,
    hint: `see what it says: stack logs ${container.service}`,
    ...(last === undefined
      ? {}
      : { cause: `the last test ended with ${last.ExitCode}\n${last.Output}`.trim() }),
  });
}

/** Rings that come while no one waits are not lost, unless they are silenced: the next wait ends at once. */
function createBell(): { ring: () => void; silence: () => void; next: () => Promise<void> } {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    silence() {
      rung = false;
    },
    async next() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve));
      rung = false;
      wake = undefined;
    },
  };
}
