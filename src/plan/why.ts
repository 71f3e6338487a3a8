import { label } from '../model/labels.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { containersOf, replicasOf } from './decide.ts';
import { linesOfSteps } from './format.ts';

/**
 * A service in words: what each container does, what keeps it from being ready, and what `up` would do. `hindered` is, by
 * container, what keeps it from being as it should.
 */
export function tellService(
  stack: Stack,
  name: string,
  containers: readonly ObservedContainer[],
  plan: Plan,
  hindered: ReadonlyMap<string, Problem> = new Map(),
): string {
  const own = containersOf(containers, name);
  const lines = own.flatMap((container) => [
    `${container.name}: ${stateOf(container)}`,
    ...indented([
      ...originOf(container),
      ...hindrance(hindered.get(container.id)),
      ...hindrances(stack, container, containers),
    ]),
  ]);
  if (own.length === 0) lines.push(`${name} has no container`);
  const steps = plan.steps.filter(
    ({ action }) =>
      ('container' in action && action.container.service === name) ||
      ((action.kind === 'pull-image' || action.kind === 'build-image') && action.service === name),
  );
  lines.push(steps.length === 0 ? 'up would leave it as it is' : 'up would');
  lines.push(...indented(linesOfSteps(steps)));
  return lines.map((line) => `${line}\n`).join('');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function stateOf(container: ObservedContainer): string {
  const { state, status, health, exitCode } = container;
  if (state === 'running' && health === 'starting') return `it runs and is not healthy yet (${status})`;
  if (state === 'running' && health === 'unhealthy') return `it runs and its health test fails (${status})`;
  if (state === 'running')
    return health === 'healthy' ? `it runs and is healthy (${status})` : `it runs (${status})`;
  if (state === 'exited' && exitCode === 0) return `it has ended well (${status})`;
  if (isStopped(container)) return `it was stopped or killed (${status})`;
  if (state === 'exited') return `it failed (${status})`;
  if (state === 'created') return 'it was created and has not started';
  return `it is ${state} (${status})`;
}

/** By a signal that ends programs: of someone, or of the kernel for want of memory. */
function isStopped({ state, exitCode }: ObservedContainer): boolean {
  return state === 'exited' && (exitCode === 137 || exitCode === 143);
}

function originOf({ labels }: ObservedContainer): readonly string[] {
  if (labels[label.replace] === undefined) return [];
  const because = labels[label.because];
  return [`it took the place of an earlier container${because === undefined ? '' : `: ${because}`}`];
}

function hindrance(problem: Problem | undefined): readonly string[] {
  if (problem === undefined) return [];
  const { code, service = '', message, hint, cause } = problem;
  const lines = cause?.split('\n').slice(-linesToShow) ?? [];
  const more = hint === undefined ? [] : [hint];
  switch (code) {
    case 'service-unhealthy':
      return [message, ...more];
    case 'service-exited':
      return [
        message.startsWith(`${service} `) ? `it ${message.slice(service.length + 1)}` : message,
        ...more,
        ...(lines.length === 0 ? [] : ['its last lines', ...indented(lines)]),
      ];
    default:
      return [`it was not started: ${message}`, ...more];
  }
}

const linesToShow = 5;

/** What one that has not begun waits for, as far as that is not as it has to be; where to look if it failed by itself. */
function hindrances(
  stack: Stack,
  container: ObservedContainer,
  containers: readonly ObservedContainer[],
): readonly string[] {
  const { service } = container;
  const isWell = container.state === 'running' && container.health !== 'unhealthy';
  const isDone = container.state === 'exited' && container.exitCode === 0;
  const failed = !isWell && !isDone && !isStopped(container) && container.state !== 'created';
  const look = failed || container.health === 'starting' ? [`see what it says: stack logs ${service}`] : [];
  if (container.state !== 'created') return look;
  const waits = Object.entries(stack.services[service]?.depends_on ?? {}).flatMap(
    ([name, { condition, required }]) => {
      const other = stack.services[name];
      if (other === undefined || other.provider !== undefined) return [];
      const until = `it waits until ${name} ${conditionWords[condition]}`;
      const others = containersOf(containers, name);
      if (others.length === 0 && required !== false && replicasOf(other) > 0)
        return [`${until}: ${name} has no container`];
      return others
        .filter((other) => !isMet(condition, other))
        .map((other) => `${until}: ${other.name} ${stateOf(other).replace(/^it /, '')}`);
    },
  );
  return [...waits, ...look];
}

const conditionWords = {
  service_started: 'runs',
  service_healthy: 'is healthy',
  service_completed_successfully: 'has done its work',
} as const;

function isMet(condition: keyof typeof conditionWords, other: ObservedContainer): boolean {
  if (condition === 'service_healthy') return other.health === 'healthy';
  if (condition === 'service_completed_successfully') return other.state === 'exited' && other.exitCode === 0;
  return other.state !== 'created';
}
