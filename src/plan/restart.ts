import { isAlive, type ObservedState } from '../model/observed.ts';
import type { Plan, StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import { type KnownServices, knownServices, refOf } from './existing.ts';
import { addHooks } from './hooks.ts';
import { createStepList } from './steps.ts';

export interface RestartOptions {
  /** Absent: all that are known. */
  readonly services?: readonly string[] | undefined;
  /** Leave what depends on them as it is. */
  readonly alone?: boolean;
  /** Seconds until what has not stopped is killed; absent: what each container was created with. */
  readonly timeout?: number | undefined;
  /** Why; absent: the user wants it. */
  readonly because?: string;
  /** Steps of a larger plan that it comes after. */
  readonly after?: readonly StepId[];
}

/**
 * Restarts containers that exist, also those that have ended, and with them what asks to be restarted with what it
 * depends on (`restart: true`), after it.
 */
export function planRestart(
  project: Pick<Stack, 'name' | 'directory'>,
  stack: Stack | undefined,
  observed: Pick<ObservedState, 'containers'>,
  { services, alone = false, timeout, because = 'it was asked for', after = [] }: RestartOptions,
): Plan {
  const containers = observed.containers.filter(({ oneOff }) => !oneOff);
  const known = knownServices(stack, containers);
  const named = new Set(services ?? known.names);
  const wanted = alone ? named : withDependants(named, known);
  const list = createStepList();
  const restarted = new Map<string, readonly StepId[]>();
  for (const name of known.names) {
    if (!wanted.has(name)) continue;
    const others = alone ? [] : restartedWith(name, known);
    const own = containers.filter(({ service }) => service === name);
    const before = [...after, ...others.flatMap((other) => restarted.get(other) ?? [])];
    const steps = own.flatMap((container) => {
      const ref = refOf(container);
      const step = list.add(
        {
          kind: 'restart-container',
          container: ref,
          id: container.id,
          ...(timeout === undefined ? {} : { timeout }),
        },
        named.has(name) ? because : `${others.find((other) => wanted.has(other))} restarts`,
        `services.${name}`,
        isAlive(container) ? addHooks(list, stack, ref, 'pre_stop', before) : before,
      );
      return addHooks(list, stack, ref, 'post_start', [step]).filter((id) => id !== undefined);
    });
    restarted.set(name, steps);
  }
  return { stack: project, steps: list.steps, warnings: [] };
}

function withDependants(names: ReadonlySet<string>, known: KnownServices): ReadonlySet<string> {
  const all = new Set(names);
  for (const name of all) {
    for (const other of known.names) if (restartedWith(other, known).includes(name)) all.add(other);
  }
  return all;
}

/** What a service depends on in such a way that it is restarted with it. */
function restartedWith(service: string, known: KnownServices): readonly string[] {
  return Object.entries(known.dependenciesOf(service))
    .filter(([, { restart }]) => restart === true)
    .map(([name]) => name);
}
