import type { RestartContainer, StopContainer } from '../model/plan.ts';
import type { PerformContext } from '../model/runtime.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';

/** Milliseconds after which a container that ends slowly is worth a word. */
const slow = 2000;
/** Seconds that engines give a container that asks for no other time. */
const usual = 10;

/** Stops a container; where that takes long, what is waited for is told: `stopping shop-worker-1 (up to 10 s)`. */
export async function tellingPatience(
  engine: EngineHttp,
  { id, container, timeout }: StopContainer | RestartContainer,
  { signal, progress }: Pick<PerformContext, 'signal' | 'progress'>,
  stop: () => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const tell = async (): Promise<void> => {
    await sleep(slow, until);
    if (until.aborted) return;
    const info = timeout === undefined ? await inspectContainer(engine, id, until) : undefined;
    const config: Partial<Record<string, unknown>> = info?.Config ?? {};
    const grace = timeout ?? Number(config.StopTimeout ?? usual);
    const limit = grace < 0 ? 'for as long as it takes' : `up to ${grace} s`;
    if (!until.aborted) progress({ text: `stopping ${container.name} (${limit})` });
  };
  // Without an answer nothing is told: the call itself tells what is wrong.
  void tell().catch(() => {});
  try {
    await stop();
  } finally {
    ended.abort();
  }
}
