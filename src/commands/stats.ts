import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Measurable, Measurement } from '../model/streams.ts';
import { identify } from './identity.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';

export interface StatsOptions {
  readonly load: LoadRequest;
  readonly service: string | undefined;
  /** Also those that do not run. */
  readonly all: boolean;
  /** Measure once instead of until the user ends it. */
  readonly once: boolean;
}

export interface Measured {
  readonly container: Measurable;
  /** Absent: not known yet. */
  readonly measurement?: Measurement;
}

/**
 * Tells what the containers of a project use: of all of them each time each has been measured again, without waiting for
 * one that is not.
 */
export async function stats(
  { load, service, all, once }: StatsOptions,
  tell: (measured: readonly Measured[]) => void,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { runtime, signal } = surroundings;
  const { name: project } = await identify(load, surroundings);
  const request = { project, all, ...(service === undefined ? {} : { service }) };
  const containers = await runtime.listMeasurable(request, signal);
  const latest = new Map<string, Measurement>();
  const fresh = new Set<string>();
  const tellAll = (): void => {
    fresh.clear();
    const there = containers.map((container): Measured => {
      const measurement = latest.get(container.id);
      return measurement === undefined ? { container } : { container, measurement };
    });
    tell(there);
  };
  try {
    await Promise.all(
      containers.map(async ({ id }) => {
        for await (const measurement of runtime.measure(id, { once }, signal)) {
          if (!once && fresh.has(id)) tellAll();
          latest.set(id, measurement);
          fresh.add(id);
          if (!once && fresh.size === containers.length) tellAll();
        }
      }),
    );
  } catch (error) {
    // What the user ends breaks off somewhere, and that is no failure.
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) return interrupted;
  if (once || containers.length === 0) tellAll();
  return succeeded;
}
