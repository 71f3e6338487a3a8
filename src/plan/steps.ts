import type { Action, ContainerRef, Step, StepId } from '../model/plan.ts';

/** The id of the step that does an action: readable, and the same for the same work. */
export function stepId(action: Action): StepId {
  switch (action.kind) {
    case 'pull-image':
      return `pull:${action.image}`;
    case 'push-image':
      return `push:${action.image}`;
    case 'build-image':
      return `build:${action.image}`;
    case 'create-network':
      return `create-network:${action.key}`;
    case 'create-volume':
      return `create-volume:${action.key}`;
    case 'clone-volume':
      return `clone-volume:${action.key}`;
    case 'create-container':
      return containerStep('create', action.container);
    case 'start-container':
      return containerStep('start', action.container);
    case 'take-over':
      return containerStep('take-over', action.container);
    case 'drain-container':
      return `drain:${action.id}`;
    case 'run-hook':
      return `${containerStep(action.phase, action.container)}:${action.index}`;
    case 'sync-files':
      return containerStep('sync', action.container);
    case 'run-command':
      return `${containerStep('run', action.container)}:${action.index}`;
    case 'run-pre-start':
      return `pre_start:${action.container.service}:${action.index}`;
    case 'provide-service':
      return `provide:${action.service}`;
    case 'withdraw-service':
      return `withdraw:${action.service}`;
    case 'prepare-model':
      return `model:${action.key}`;
    case 'stop-container':
      return `stop:${action.id}`;
    case 'kill-container':
      return `kill:${action.id}`;
    case 'restart-container':
      return `restart:${action.id}`;
    case 'pause-container':
      return `pause:${action.id}`;
    case 'unpause-container':
      return `unpause:${action.id}`;
    case 'remove-container':
      return `remove:${action.id}`;
    case 'rename-container':
      return containerStep('rename', action.container);
    case 'await-condition':
      // Who can do without it must not decide for who cannot.
      return `await:${action.service}:${action.condition}${action.optional ? ':optional' : ''}`;
    case 'remove-network':
      return `remove-network:${action.name}`;
    case 'remove-volume':
      return `remove-volume:${action.name}`;
    case 'keep-volume':
      return `keep-volume:${action.volume.name}`;
    case 'forget-volume':
      return `forget-volume:${action.holder}`;
    case 'end-copy':
      return `end-copy:${action.helper}`;
    case 'remove-image':
      return `remove-image:${action.image}`;
    case 'prune-images':
      return `prune-images:${action.project}`;
  }
}

function containerStep(verb: string, container: ContainerRef): StepId {
  return `${verb}:${container.service}-${container.number}`;
}

/** Collects the steps of a plan; the same work asked for twice is one step. */
export interface StepList {
  /** Adds the step and gives its id, to be waited for. */
  add(action: Action, because: string, path: string, after?: readonly (StepId | undefined)[]): StepId;
  readonly steps: readonly Step[];
}

export function createStepList(): StepList {
  const byId = new Map<StepId, Step>();
  return {
    add(action, because, path, after = []) {
      const id = stepId(action);
      if (!byId.has(id)) {
        const known = [...new Set(after.filter((other) => other !== undefined))];
        byId.set(id, { id, action, because, after: known, path });
      }
      return id;
    },
    get steps() {
      return [...byId.values()];
    },
  };
}
