import type Docker from 'dockerode';
import type { ContainerRef, RestartContainer, StopContainer } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';
import { unanswered } from './within.ts';

/** Milliseconds after which a container that ends slowly is worth a word. */
const slow = 2000;
/** Seconds that engines give a container that asks for no other time. */
const usual = 10;

/**
 * Stops a container; where that takes long, what is waited for is told: `stopping shop-worker-1 (up to 10 s)`. That one had to
 * be killed is doubtful: mostly its first process never hears that it is to stop.
 */
export async function tellingPatience(
  engine: EngineHttp,
  action: StopContainer | RestartContainer,
  { signal, progress, doubt }: Pick<PerformContext, 'signal' | 'progress' | 'doubt'>,
  stop: () => Promise<void>,
): Promise<void> {
  const { id, container } = action;
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const tell = async (): Promise<void> => {
    await sleep(slow, until);
    if (until.aborted) return;
    const grace = graceOf(action, await inspectContainer(engine, id, until));
    const limit = grace < 0 ? 'for as long as it takes' : `up to ${grace} s`;
    if (until.aborted) return;
    progress({ text: `stopping ${container.name} (${limit})` });
    if (grace < 0 || engine.patience === undefined) return;
    await sleep(grace * 1000 + engine.patience / 4, until);
    if (!until.aborted) progress({ text: unanswered(engine.patience / 4), waiting: true });
  };
  // Without an answer nothing is told: the call itself tells what is wrong.
  void tell().catch(() => {});
  const began = performance.now();
  try {
    await stop();
  } finally {
    ended.abort();
  }
  const took = (performance.now() - began) / 1000;
  if (doubt === undefined || took < shortestGrace) return;
  const info = await inspectContainer(engine, id, signal).catch(() => undefined);
  const grace = graceOf(action, info);
  // Someone may have killed it before; what runs again does not tell how it ended.
  const isKilled = info?.State.ExitCode === 137 && !info.State.Running && !info.State.OOMKilled;
  if (isKilled && grace >= 0 && took >= grace) doubt(deaf(container, grace, info.Config));
}

/** Seconds that a container is given to end; less than 0: as long as it takes. */
function graceOf(
  { timeout }: StopContainer | RestartContainer,
  info: Docker.ContainerInspectInfo | undefined,
): number {
  const config: Partial<Record<string, unknown>> = info?.Config ?? {};
  return timeout ?? Number(config.StopTimeout ?? usual);
}

/** In less time than these seconds even a program that wants to end well may not come to it. */
const shortestGrace = 2;

function deaf({ service }: ContainerRef, seconds: number, config: object): Problem {
  const { StopSignal = 'SIGTERM' } = config as { readonly StopSignal?: string };
  return {
    code: 'killed-after-grace',
    severity: 'warning',
    service,
    path: `services.${service}`,
    message: `${service} did not end within ${seconds} s of ${StopSignal || 'SIGTERM'} and was killed`,
    hint: 'its first process does not hear it: write `init: true`, or the command as a list (CMD ["node", "app.js"]), or the signal that it does hear as `stop_signal`',
  };
}
