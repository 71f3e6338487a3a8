import type { ObservedContainer } from '../model/observed.ts';
import type { Condition, StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import type { Decision, ReplicaDecision } from './decide.ts';
import { readyOf } from './ready.ts';
import type { StepList } from './steps.ts';

/** What a plan waits for. */

export interface Progress {
  readonly decisions: readonly Decision[];
  /** By service, the steps after which it has been started in this plan. */
  readonly started: ReadonlyMap<string, readonly StepId[]>;
  /** Those that take over only when they are ready. */
  readonly proven: ReadonlySet<ReplicaDecision>;
}

/** The steps after which a service's dependencies are as it wants them. What already is needs no step. */
export function awaitDependencies(
  list: StepList,
  decision: Decision,
  { decisions, started }: Pick<Progress, 'decisions' | 'started'>,
): readonly (StepId | undefined)[] {
  return Object.entries(decision.service.depends_on ?? {}).flatMap(([name, dependency]) => {
    const target = decisions.find((other) => other.name === name);
    if (target === undefined) return [];
    const begun = started.get(name) ?? [];
    if (dependency.condition === 'service_started' || target.replicas.length === 0) return begun;
    const condition: Condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed';
    const waited = target.replicas.filter(
      (replica) => replica.verdict !== 'keep' || !isMet(condition, replica.current),
    );
    if (waited.length === 0) return begun;
    return list.add(
      {
        kind: 'await-condition',
        service: name,
        condition,
        containers: waited.map(({ ref }) => ref),
        ...(condition === 'healthy' && readyOf(target.service)),
        optional: !dependency.required,
      },
      `${decision.name} waits for it`,
      `services.${decision.name}.depends_on.${name}`,
      begun,
    );
  });
}

/** What was started could end at once, and what was found restarting may never come to run. */
export function settle(list: StepList, { decisions, started, proven }: Progress): void {
  for (const { name, replicas } of decisions) {
    const restarting = replicas.some(
      (replica) => replica.verdict === 'keep' && replica.current.state === 'restarting',
    );
    const watched = replicas.filter(
      (replica) =>
        (replica.verdict !== 'keep' && !proven.has(replica)) ||
        (replica.verdict === 'keep' && replica.current.state === 'restarting'),
    );
    if (watched.length === 0) continue;
    list.add(
      {
        kind: 'await-condition',
        service: name,
        condition: 'settled',
        containers: watched.map(({ ref }) => ref),
        optional: false,
      },
      restarting ? 'it is restarting' : 'it could end at once',
      `services.${name}`,
      started.get(name) ?? [],
    );
  }
}

/** Waits until all runs and is healthy, or has done its work where others need that. */
export function awaitAll(list: StepList, stack: Stack, { decisions, started, proven }: Progress): void {
  const jobs = new Set(
    Object.values(stack.services).flatMap(({ depends_on = {} }) =>
      Object.keys(depends_on).filter(
        (name) => depends_on[name]?.condition === 'service_completed_successfully',
      ),
    ),
  );
  for (const { name, service, replicas } of decisions) {
    const ready = jobs.has(name) ? {} : readyOf(service);
    const condition: Condition = jobs.has(name) ? 'completed' : 'ready' in ready ? 'healthy' : 'ready';
    const waited = replicas.filter(
      (replica) =>
        !(condition === 'ready' && proven.has(replica)) &&
        (replica.verdict !== 'keep' || !isMet(condition, replica.current)),
    );
    if (waited.length === 0) continue;
    const containers = waited.map(({ ref }) => ref);
    const action = {
      kind: 'await-condition',
      service: name,
      condition,
      containers,
      ...ready,
      optional: false,
    } as const;
    list.add(action, 'it was asked for', `services.${name}`, started.get(name) ?? []);
  }
}

function isMet(condition: Condition, container: ObservedContainer): boolean {
  const isHealthy = container.health === 'healthy';
  if (condition === 'healthy') return isHealthy;
  if (condition === 'completed') return container.exitCode === 0;
  // Without a word of its health it has no test.
  return isHealthy || (container.state === 'running' && container.health === undefined);
}
