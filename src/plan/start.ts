import { unknownService } from '../model/nearest.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { Condition, Plan, StepId } from '../model/plan.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { withApiSocket } from './api-socket.ts';
import { contentsOf, peersOf } from './container.ts';
import { replicasOf } from './decide.ts';
import { type KnownServices, knownServices, refOf } from './existing.ts';
import { addHooks, addPreStart } from './hooks.ts';
import { readyOf } from './ready.ts';
import { createStepList, type StepList } from './steps.ts';

export interface StartOptions {
  /** Those to start, with all they depend on; absent: all that are known. */
  readonly services?: readonly string[] | undefined;
}

type Project = Pick<Stack, 'name' | 'directory'>;

/**
 * Starts containers that exist, each once what its service depends on is as it has to be. Nothing is created: a service
 * without a container is told, and if the project has none at all that is a failure.
 */
export function planStart(
  project: Project,
  written: Stack | undefined,
  observed: Pick<ObservedState, 'containers'>,
  options: StartOptions,
): Plan {
  const stack = written === undefined ? undefined : withApiSocket(written);
  const containers = observed.containers.filter(({ oneOff }) => !oneOff);
  const known = knownServices(stack, containers);
  const wanted = withDependencies(options.services ?? known.names, known);
  if (containers.length === 0) throw nothingToStart(project, stack === undefined ? [] : [...wanted]);
  for (const name of wanted)
    if (!known.names.includes(name)) throw failure(unknownService(name, known.names));
  const list = createStepList();
  const started = new Map<string, readonly StepId[]>();
  const warnings: Problem[] = [];
  const missing: Problem[] = [];
  for (const name of known.names) {
    if (!wanted.has(name)) continue;
    const own = containers.filter(({ service }) => service === name);
    const stopped = own.filter((container) => !isAlive(container));
    if (own.length === 0 && isWanted(stack, name)) warnings.push(withoutContainer(name));
    if (stopped.length > 0) missing.push(...missingFor(name, stack, known, containers));
    const waited = stopped.length === 0 ? [] : waits(list, stack, name, known, containers, started);
    const [first] = own.toSorted((a, b) => a.number - b.number);
    const isFirstStart = stack !== undefined && stopped.length > 0 && stopped.length === own.length;
    const before =
      isFirstStart && first !== undefined
        ? addPreStart(list, stack, refOf(first), undefined, peersOf(containers), waited)
        : waited;
    started.set(
      name,
      stopped.length > 0
        ? stopped.map((container) => start(list, stack, container, before))
        : // Whoever depends on it also depends on what it depends on itself.
          Object.keys(known.dependenciesOf(name)).flatMap((other) => started.get(other) ?? []),
    );
  }
  if (missing.length > 0) throw new ProblemsError(missing);
  return { stack: project, steps: list.steps, warnings };
}

/** What a service has to wait for and what has no container: it can never come to be as the service needs it. */
function missingFor(
  service: string,
  stack: Stack | undefined,
  known: KnownServices,
  containers: readonly ObservedContainer[],
): readonly Problem[] {
  return Object.entries(known.dependenciesOf(service))
    .filter(
      ([name, { condition, required }]) =>
        required &&
        condition !== 'service_started' &&
        isWanted(stack, name) &&
        !containers.some((container) => container.service === name),
    )
    .map(([name]) => ({
      code: 'no-container',
      severity: 'error',
      service,
      path: `services.${service}.depends_on.${name}`,
      message: `${service} is missing dependency ${name}`,
      hint: `create and start it with: stack up -d ${name}`,
    }));
}

function isWanted(stack: Stack | undefined, name: string): boolean {
  const service = stack?.services[name];
  return service === undefined || replicasOf(service) !== 0;
}

function start(
  list: StepList,
  stack: Stack | undefined,
  container: ObservedContainer,
  before: readonly (StepId | undefined)[],
): StepId {
  const service = stack?.services[container.service];
  const contents = stack === undefined || service === undefined ? {} : contentsOf(stack, service);
  const action = { kind: 'start-container', container: refOf(container), ...contents } as const;
  const running = list.add(action, 'it does not run', `services.${container.service}`, before);
  const [started = running] = addHooks(list, stack, refOf(container), 'post_start', [running]);
  return started;
}

/** The steps after which a service may start. */
function waits(
  list: StepList,
  stack: Stack | undefined,
  service: string,
  known: KnownServices,
  containers: readonly ObservedContainer[],
  started: ReadonlyMap<string, readonly StepId[]>,
): readonly StepId[] {
  return Object.entries(known.dependenciesOf(service)).flatMap(([name, dependency]) => {
    const starts = started.get(name) ?? [];
    if (dependency.condition === 'service_started') return starts;
    const condition: Condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed';
    const others = containers.filter((container) => container.service === name);
    if (others.length === 0) return [];
    const action = {
      kind: 'await-condition',
      service: name,
      condition,
      containers: others.map(refOf),
      ...(condition === 'healthy' && readyOf(stack?.services[name])),
      optional: !dependency.required,
    } as const;
    return list.add(action, `${service} waits for it`, `services.${service}.depends_on.${name}`, starts);
  });
}

function withDependencies(names: readonly string[], known: KnownServices): ReadonlySet<string> {
  const all = new Set(names);
  for (const name of all) {
    for (const other of Object.keys(known.dependenciesOf(name)))
      if (known.names.includes(other)) all.add(other);
  }
  return all;
}

function nothingToStart(project: Project, services: readonly string[]) {
  const [first] = services;
  return failure({
    code: 'no-container',
    message:
      first === undefined
        ? `no container found for project "${project.name}"`
        : `service "${first}" has no container to start`,
    hint: 'create and start it with: stack up -d',
  });
}

function withoutContainer(service: string): Problem {
  return {
    code: 'no-container',
    severity: 'warning',
    service,
    path: `services.${service}`,
    message: `service "${service}" has no container to start`,
    hint: `create and start it with: stack up -d ${service}`,
  };
}
