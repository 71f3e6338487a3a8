import { setTimeout as sleep } from 'node:timers/promises';
import type { Surroundings } from '../model/runtime.ts';

/** Milliseconds after which an engine that has gone is asked again. */
const patience = 2000;

/**
 * Tells what the containers of a project use, also of those that begin to run meanwhile, until the signal is aborted. That
 * the engine is gone is told by whoever follows the containers; this goes on once it is back.
 */
export async function measureContainers(
  project: string,
  { runtime, emit }: Pick<Surroundings, 'runtime' | 'emit'>,
  signal: AbortSignal,
): Promise<void> {
  const underWay = new Map<string, AbortController>();

  const measure = async (id: string, service: string, number: number): Promise<void> => {
    if (underWay.has(id)) return;
    const over = new AbortController();
    underWay.set(id, over);
    try {
      const until = AbortSignal.any([signal, over.signal]);
      for await (const measured of runtime.measure(id, { once: false }, until)) {
        const { cpuPercent, memory, memoryLimit } = measured;
        emit({ type: 'container-measured', service, number, id, cpuPercent, memory, memoryLimit });
      }
    } finally {
      underWay.delete(id);
    }
  };

  const look = async (): Promise<void> => {
    for (const { id, service, number, oneOff, state } of await runtime.observeContainers(project, signal))
      if (!oneOff && state === 'running') measure(id, service, number).catch(() => {});
  };

  while (!signal.aborted) {
    try {
      const since = String(Date.now() / 1000);
      await look();
      for await (const { action, id } of runtime.readEvents({ project, since }, signal)) {
        if (action === 'die') underWay.get(id)?.abort();
        if (action === 'start') await look();
      }
    } catch {
      // It is asked again.
    }
    await sleep(patience, undefined, { signal }).catch(() => {});
  }
}
