import type { ContainerChanged } from '../model/event.ts';
import type { Surroundings } from '../model/runtime.ts';

/**
 * Tells again and again what the running containers of a project use, until the signal is aborted; follows those that come
 * and go. Never rejects: a container that cannot be measured is left out, and after an engine was away all is taken up again.
 */
export async function measureContainers(
  project: string,
  { runtime, emit }: Pick<Surroundings, 'runtime' | 'emit'>,
  signal: AbortSignal,
): Promise<void> {
  const measured = new Map<string, AbortController>();
  const finish = new AbortController();

  const measureOne = async ({ service, number, id }: ContainerChanged, until: AbortSignal): Promise<void> => {
    // The first has nothing that it could be compared with.
    let last: number | undefined;
    for await (const { cpuPercent, memory, memoryLimit } of runtime.measure(id, { once: false }, until)) {
      const now = performance.now();
      if (last === undefined) last = now - interval;
      else if (now - last >= interval - tolerance) {
        last = now;
        emit({ type: 'container-measured', service, number, id, cpuPercent, memory, memoryLimit });
      }
    }
  };

  const stop = (id: string): void => {
    measured.get(id)?.abort();
    measured.delete(id);
  };

  const start = (container: ContainerChanged): void => {
    const { id } = container;
    if (measured.has(id)) return;
    const ending = new AbortController();
    measured.set(id, ending);
    void measureOne(container, AbortSignal.any([signal, ending.signal]))
      // A connection that broke: once it stands again, following tells of all containers anew.
      .catch(() => {})
      .then(() => {
        if (measured.get(id) === ending) measured.delete(id);
      });
  };

  try {
    // Whoever shows what is measured follows the project for all the rest.
    const services = new Set<string>();
    const request = { project, services, logsSince: 0, finish: finish.signal, probes: false } as const;
    for await (const told of runtime.follow(request, signal)) {
      if (told.type !== 'container-changed' || told.number < 1) continue;
      if (told.state === 'running' || told.state === 'paused') start(told);
      else stop(told.id);
    }
  } catch {
    // An engine that cannot be spoken to is told of by whoever works with it.
  } finally {
    for (const id of [...measured.keys()]) stop(id);
  }
}

/** How long to be silent about a container, in milliseconds, and how much less may do; engines measure every second. */
const interval = 2000;
const tolerance = 200;
