import type { PlannedStep } from '../model/event.ts';
import { type Action, type ContainerRef, type Plan, type Step, serviceOf } from '../model/plan.ts';

/** The plan as listeners get it: titles instead of the whole actions, which may hold secrets. */
export function describePlan(plan: Plan): readonly PlannedStep[] {
  return plan.steps.map(({ id, action, because, after }) => {
    const service = serviceOf(action);
    return {
      id,
      kind: action.kind,
      ...(service === undefined ? {} : { service }),
      ...('container' in action && 'id' in action ? { container: action.id } : {}),
      ...(action.kind === 'await-condition' ? { condition: action.condition } : {}),
      ...(action.kind === 'build-image' && action.stale && { stale: true as const }),
      title: describeAction(action),
      because,
      ...(action.kind === 'create-container' && action.stopsFirst !== undefined
        ? { stopsFirst: action.stopsFirst }
        : {}),
      after,
    };
  });
}

/**
 * The plan as text, a line a step, in an order in which one could do it: `create container web-1: it does not exist`. What
 * takes several steps with one container, to replace or restart it, is one line with its reason.
 */
export function formatPlan({ steps }: Plan): string {
  return linesOfSteps(steps)
    .map((line) => `${line}\n`)
    .join('');
}

/** See `formatPlan`. */
export function linesOfSteps(steps: readonly Step[]): readonly string[] {
  const has = (container: ContainerRef, kind: Action['kind']): boolean =>
    steps.some(
      ({ action }) => action.kind === kind && 'container' in action && isSame(action.container, container),
    );
  return steps.flatMap(({ action, because }) => {
    const line = `${describeAction(action)}: ${because}`;
    if (!('container' in action)) return [line];
    const { container, kind } = action;
    if (has(container, 'create-container') && has(container, 'remove-container')) {
      if (kind === 'create-container')
        return [`replace container ${container.name}: ${because}${mannerOf(action)}`];
      return partsOfReplacement.has(kind) ? [] : [line];
    }
    if (has(container, 'remove-container') || !has(container, 'stop-container')) return [line];
    if (kind === 'stop-container' && has(container, 'start-container'))
      return [`restart container ${container.name}: ${because}`];
    return kind === 'start-container' ? [] : [line];
  });
}

/** Why there is a moment in which no one answers: `; stops the old one first: it publishes port 8000`. */
function mannerOf(action: Action): string {
  const because = action.kind === 'create-container' ? action.stopsFirst : undefined;
  return because === undefined ? '' : `; stops the old one first: ${because}`;
}

const partsOfReplacement: ReadonlySet<Action['kind']> = new Set([
  'stop-container',
  'remove-container',
  'rename-container',
  'start-container',
  'take-over',
  'drain-container',
]);

/** Whether both are the same replica, whatever it is called. */
function isSame(one: ContainerRef, other: ContainerRef): boolean {
  return one.service === other.service && one.number === other.number;
}

/** An action as an order: `build image coins-rng`. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'pull-image':
      return `pull image ${action.image}`;
    case 'push-image':
      return `push image ${action.image}`;
    case 'build-image':
      return `${action.check === true ? 'check the build of' : 'build'} image ${action.image}`;
    case 'create-network':
      return `create network ${action.network.name}`;
    case 'create-volume':
      return `create volume ${shortName(action.volume.name)}`;
    case 'clone-volume':
      return `copy the data of volume ${action.from} to ${shortName(action.volume)}`;
    case 'create-container':
      return `create container ${action.container.name}`;
    case 'start-container':
      return `start container ${action.container.name}`;
    case 'take-over':
      return `hand over to container ${action.container.name}`;
    case 'drain-container':
      return `drain container ${action.container.name}`;
    case 'run-hook':
      return `run ${action.phase} hook ${action.index + 1} in ${action.container.name}`;
    case 'sync-files':
      return `sync ${count(action.files.length, 'file')} to ${action.container.name}`;
    case 'run-command':
      return `run the command of watch rule ${action.index + 1} in ${action.container.name}`;
    case 'run-pre-start':
      return `run pre_start hook ${action.index + 1} of ${action.container.service}`;
    case 'provide-service':
      return `have ${action.provider.type} provide ${action.service}`;
    case 'withdraw-service':
      return `have ${action.provider.type} take away ${action.service}`;
    case 'prepare-model':
      return `prepare model ${action.key}`;
    case 'stop-container':
      return `stop container ${action.container.name}`;
    case 'kill-container':
      return action.signal === undefined
        ? `kill container ${action.container.name}`
        : `send ${action.signal} to container ${action.container.name}`;
    case 'restart-container':
      return `restart container ${action.container.name}`;
    case 'pause-container':
      return `pause container ${action.container.name}`;
    case 'unpause-container':
      return `unpause container ${action.container.name}`;
    case 'remove-container':
      return `remove container ${action.container.name}`;
    case 'rename-container':
      return `rename container ${action.from} to ${action.container.name}`;
    case 'await-condition':
      return `wait until ${action.service} is ${action.condition}`;
    case 'remove-network':
      return `remove network ${action.name}`;
    case 'remove-volume':
      return `remove volume ${shortName(action.name)}`;
    case 'keep-volume':
      return `keep the data of volume ${shortName(action.volume.name)} for stack undo`;
    case 'forget-volume':
      return action.name === undefined
        ? `remove unfinished volume ${action.holder}`
        : `forget the data of volume ${shortName(action.name)}`;
    case 'end-copy':
      return `clean up after the copy to volume ${shortName(action.to)}`;
    case 'remove-image':
      // An id by which one can still find it.
      return `remove image ${action.image.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')}`;
    case 'prune-images':
      return `remove earlier images of ${action.project}`;
  }
}

/** Of an anonymous volume as much as one can find it by. */
function shortName(volume: string): string {
  return volume.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
