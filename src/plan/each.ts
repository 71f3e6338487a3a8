import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { Action, Plan } from '../model/plan.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { refOf } from './existing.ts';
import { createStepList } from './steps.ts';
import { stopInOrder } from './stop.ts';
import { anonymousVolumesOf, type Keeping, keepVolumes, keptBefore, removeVolumes } from './trash.ts';

/** Plans that do the same to each container they are about, in no order. */

type Project = Pick<Stack, 'name' | 'directory'>;

/** Sends a signal to what runs, one-off containers too; without one SIGKILL. */
export function planKill(
  project: Project,
  observed: Pick<ObservedState, 'containers'>,
  options: { readonly services: readonly string[] | undefined; readonly signal?: string | undefined },
): Plan {
  const { services, signal } = options;
  const running = observed.containers.filter(
    (container) => isAlive(container) && isChosen(container, services),
  );
  const more = signal === undefined ? {} : { signal };
  return planEach(project, running, (container) => ({
    kind: 'kill-container',
    ...target(container),
    ...more,
  }));
}

/**
 * Freezes what runs, or lets go on what is frozen. What is so already is left as it is; with `strict` it is a failure.
 * Throws `ProblemsError`.
 */
export function planPause(
  project: Project,
  observed: Pick<ObservedState, 'containers'>,
  options: {
    readonly services: readonly string[] | undefined;
    readonly pause: boolean;
    readonly strict?: boolean;
  },
): Plan {
  const { services, pause, strict = false } = options;
  const [wanted, other] = pause ? ['running', 'paused'] : ['paused', 'running'];
  const own = observed.containers.filter((container) => !container.oneOff && isChosen(container, services));
  const already = own.filter(({ state }) => state === other).map((container) => isAlready(container, pause));
  if (strict && already.length > 0) throw new ProblemsError(already);
  const concerned = own.filter(({ state }) => state === wanted);
  const kind = pause ? 'pause-container' : 'unpause-container';
  return planEach(project, concerned, (container) => ({ kind, ...target(container) }));
}

function isAlready({ service, name }: ObservedContainer, pause: boolean): Problem {
  return {
    code: 'no-effect',
    severity: 'error',
    service,
    message: `container ${name} is ${pause ? 'already' : 'not'} paused`,
  };
}

export interface RemoveOptions {
  readonly services: readonly string[] | undefined;
  /** Also what runs, which is stopped before. */
  readonly stop: boolean;
  /** Also their anonymous volumes. */
  readonly volumes: boolean;
  /** Whose hooks are run before what runs is stopped. */
  readonly stack?: Pick<Stack, 'services' | 'volumes'> | undefined;
  /** What is kept of volumes that go; absent: nothing, as with Docker Compose. */
  readonly keeping?: Keeping | undefined;
}

/** Removes containers that have ended. */
export function planRemove(
  project: Project,
  observed: Pick<ObservedState, 'containers'>,
  options: RemoveOptions,
): Plan {
  const list = createStepList();
  const containers = observed.containers.filter(
    (container) =>
      !container.oneOff && (options.stop || !isAlive(container)) && isChosen(container, options.services),
  );
  const because = 'it was asked for';
  const stopped = stopInOrder(list, containers.filter(isAlive), because, {
    stack: options.stack,
    among: observed.containers,
  });
  const { keeping, volumes, stack } = options;
  const stays = observed.containers.filter((container) => !containers.includes(container));
  const anonymous =
    volumes && keeping !== undefined ? anonymousVolumesOf({ containers, stays }, stack, keeping) : [];
  const quiet = [...stopped.values()];
  const going = anonymous.map((volume) => ({ ...volume, project: project.name, quiet }));
  const kept = keepVolumes(list, going, keeping);
  const removed = containers.map((container) => {
    const action = { kind: 'remove-container', ...target(container), volumes } as const;
    const after = [stopped.get(container.id), ...keptBefore(container, kept)];
    return list.add(action, because, `services.${container.service}`, after);
  });
  removeVolumes(
    list,
    going.map((volume) => ({ ...volume, free: removed })),
    kept,
  );
  return { stack: project, steps: list.steps, warnings: [] };
}

function planEach(
  project: Project,
  containers: readonly ObservedContainer[],
  actionFor: (container: ObservedContainer) => Action,
): Plan {
  const list = createStepList();
  for (const container of containers)
    list.add(actionFor(container), 'it was asked for', `services.${container.service}`);
  return { stack: project, steps: list.steps, warnings: [] };
}

function target(container: ObservedContainer) {
  return { container: refOf(container), id: container.id };
}

function isChosen({ service }: ObservedContainer, services: readonly string[] | undefined): boolean {
  return services?.includes(service) ?? true;
}
