import { posix, relative, sep } from 'node:path';
import type { WatchResponse } from '../model/event.ts';
import { isAlive, type ObservedState } from '../model/observed.ts';
import type { Plan, Step, StepId, SyncedFile } from '../model/plan.ts';
import type { FileSet } from '../model/runtime.ts';
import { type Hook, imageOf, type Service, type Stack, type WatchRule } from '../model/stack.ts';
import { refOf } from './existing.ts';
import { addBuild } from './images.ts';
import { planRestart } from './restart.ts';
import { createStepList } from './steps.ts';
import { planUp } from './up.ts';

/** A service and what its files lead to when they change. */
export interface WatchedService {
  readonly name: string;
  readonly triggers: readonly Trigger[];
}

/** A rule of the file, or one that follows from what a service is built from. */
export interface Trigger {
  readonly action: WatchRule['action'];
  readonly files: FileSet;
  /** What is copied where, for rules that copy. */
  readonly copy?: Copy;
  /** What is run in the containers afterwards, and by which rule. */
  readonly command?: { readonly index: number; readonly hook: Hook };
}

/** A file or folder of this machine and its place in the container. */
export interface Copy {
  readonly from: string;
  readonly to: string;
}

/** What changed files lead to for one service. */
export interface Changes {
  readonly paths: readonly string[];
  readonly rebuild: boolean;
  readonly files: readonly SyncedFile[];
  readonly restart: boolean;
  readonly commands: readonly NonNullable<Trigger['command']>[];
}

/** Whether changes of files can lead to anything: by its rules, else because it is built. `x-stack.watch: false` forgoes that. */
export function isWatchable(service: Service): boolean {
  return hasRules(service) || isRebuiltByItself(service);
}

export function hasRules({ develop }: Service): boolean {
  return (develop?.watch ?? []).length > 0;
}

/** Without rules, what is built is built anew when what it is built from changes. */
export function isRebuiltByItself(service: Service): boolean {
  const own = service['x-stack'] as { readonly watch?: unknown } | null | undefined;
  return service.build !== undefined && !hasRules(service) && own?.watch !== false;
}

/** What the paths lead to; `undefined` for nothing. A path may be the business of several rules. */
export function changesOf({ triggers }: WatchedService, paths: readonly string[]): Changes | undefined {
  const matched = triggers.flatMap((trigger) => {
    const own = paths.filter((file) => trigger.files.includes(file));
    return own.length === 0 ? [] : [{ trigger, own }];
  });
  if (matched.length === 0) return undefined;
  const does = (...actions: readonly WatchRule['action'][]) =>
    matched.some(({ trigger }) => actions.includes(trigger.action));
  return {
    paths: [...new Set(matched.flatMap(({ own }) => own))],
    rebuild: does('rebuild'),
    files: distinct(matched.flatMap(({ trigger: { copy }, own }) => (copy ? syncedFiles(copy, own) : []))),
    restart: does('restart', 'sync+restart'),
    commands: matched.flatMap(({ trigger: { command } }) => (command ? [command] : [])),
  };
}

/** Where files of a copied folder belong; a single file has its target for itself. */
export function syncedFiles({ from, to }: Copy, files: readonly string[]): readonly SyncedFile[] {
  return files.map((source) => {
    const inside = relative(from, source).split(sep).join('/');
    const target = posix.join('/', to, inside);
    return { source, target: target.length > 1 ? target.replace(/\/$/, '') : target };
  });
}

/** Both, each thing once: what was not done yet, and what has come since. */
export function joinChanges(one: Changes | undefined, other: Changes): Changes {
  if (one === undefined) return other;
  const commands = new Map([...one.commands, ...other.commands].map((command) => [command.index, command]));
  return {
    paths: [...new Set([...one.paths, ...other.paths])],
    rebuild: one.rebuild || other.rebuild,
    files: distinct([...one.files, ...other.files]),
    restart: one.restart || other.restart,
    commands: [...commands.values()],
  };
}

/** In the order in which they are given. */
export function responsesTo({ rebuild, files, restart, commands }: Changes): readonly WatchResponse[] {
  const responses: readonly (readonly [WatchResponse, boolean])[] = [
    ['rebuild', rebuild],
    ['sync', files.length > 0],
    ['restart', restart],
    ['exec', commands.length > 0],
  ];
  return responses.flatMap(([response, isGiven]) => (isGiven ? [response] : []));
}

/** Builds the image of services that are built in the same way: once, with the name of each. */
export function planRebuild(stack: Stack, services: readonly string[], because: string): Plan {
  const list = createStepList();
  const [first, ...others] = services;
  const build = stack.services[first ?? '']?.build;
  if (first !== undefined && build !== undefined) {
    const images = others.map((name) => imageOf(stack, name, stack.services[name] ?? {}));
    const tags = [...(build.tags ?? []), ...images];
    addBuild(list, stack, imageOf(stack, first, stack.services[first] ?? {}), {
      builder: first,
      build: tags.length === 0 ? build : { ...build, tags },
      because,
    });
  }
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}

export interface RenewOptions {
  /** Also remove the images that the new ones took the names of. */
  readonly prune: boolean;
  readonly initialFiles: Readonly<Record<string, readonly SyncedFile[]>>;
}

/** Puts containers of new images in the place of the old ones; what has ended is left alone. */
export function planRenewal(stack: Stack, observed: ObservedState, options: RenewOptions): Plan {
  const { prune, initialFiles } = options;
  const plan = planUp(stack, observed, { leaveEnded: true, ignoreOrphans: true, initialFiles });
  const removals = plan.steps.filter(({ action }) => action.kind === 'remove-container');
  if (!prune || removals.length === 0) return plan;
  const list = createStepList();
  const action = { kind: 'prune-images', project: stack.name, optional: true } as const;
  const after = removals.map(({ id }) => id);
  list.add(action, 'nothing runs them any more', 'services', after);
  return { ...plan, steps: [...plan.steps, ...list.steps] };
}

/**
 * Brings the containers of a service up to date without replacing them: files first, then restarts, with them those of
 * services that ask for it, then commands, one after the other in each container that runs.
 */
export function planChanges(
  stack: Stack,
  observed: Pick<ObservedState, 'containers'>,
  service: string,
  changes: Omit<Changes, 'rebuild'>,
  because: string,
): Plan {
  const list = createStepList();
  const path = `services.${service}.develop.watch`;
  const containers = observed.containers.filter(
    (container) => container.service === service && !container.oneOff,
  );
  const { files } = changes;
  const synced =
    files.length === 0
      ? []
      : containers.map((container) =>
          list.add({ kind: 'sync-files', container: refOf(container), files }, because, path),
        );
  const restarts = changes.restart
    ? planRestart(stack, stack, observed, { services: [service] }).steps.map((step) =>
        restartAfter(step, service, synced, because),
      )
    : [];
  for (const container of containers) {
    if (!isAlive(container) && !changes.restart) continue;
    let before: readonly StepId[] = [...synced, ...stepsOf(restarts, service)];
    for (const { index, hook } of changes.commands) {
      const action = { kind: 'run-command', container: refOf(container), index, command: hook } as const;
      before = [list.add(action, because, `${path}[${index}].exec`, before)];
    }
  }
  const steps = inOrder(list.steps, restarts);
  return { stack: { name: stack.name, directory: stack.directory }, steps, warnings: [] };
}

function restartAfter(step: Step, service: string, synced: readonly StepId[], because: string): Step {
  const isOwn = 'container' in step.action && step.action.container.service === service;
  return { ...step, ...(isOwn ? { because } : {}), after: [...synced, ...step.after] };
}

/** Those after which the containers of a service have been restarted. */
function stepsOf(steps: readonly Step[], service: string): readonly StepId[] {
  return steps.flatMap(({ id, action }) =>
    'container' in action && action.container.service === service ? [id] : [],
  );
}

/** Steps come after those they follow. */
function inOrder(own: readonly Step[], restarts: readonly Step[]): readonly Step[] {
  const [syncs, others] = [
    own.filter(({ action }) => action.kind === 'sync-files'),
    own.filter(({ action }) => action.kind !== 'sync-files'),
  ];
  return [...syncs, ...restarts, ...others];
}

function distinct(files: readonly SyncedFile[]): readonly SyncedFile[] {
  return [...new Map(files.map((file) => [`${file.source}\0${file.target}`, file])).values()];
}
