import type { WatchResponse } from '../model/event.ts';
import { isAlive, type ObservedState } from '../model/observed.ts';
import {
  type Plan,
  type ReplaceOrder,
  type Step,
  type StepId,
  type SyncedFile,
  serviceOf,
} from '../model/plan.ts';
import type { FileSet } from '../model/runtime.ts';
import { type Hook, imageOf, type Service, type Stack, type WatchRule } from '../model/stack.ts';
import { extrasOf } from '../model/x-stack.ts';
import { withChoices } from './choices.ts';
import { countOf } from './decide.ts';
import { refOf } from './existing.ts';
import { addBuild } from './images.ts';
import { planRestart } from './restart.ts';
import { createStepList } from './steps.ts';
import { withoutSuperseded } from './superseded.ts';
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
  /** Of a rule whose files containers are to have from the beginning: where these are. */
  readonly initially?: string;
  /** What is run in the containers afterwards, and by which rule. */
  readonly command?: { readonly index: number; readonly hook: Hook };
}

/** Where files of this machine belong in the container. */
export interface Copy {
  /** The place of what the rule names. */
  readonly to: string;
  /** The name of a file in what the rule names, with `/`; empty for that itself. */
  nameOf(file: string): string;
}

/** Files that containers are to have before they start, by service. */
export type InitialFiles = Readonly<Record<string, readonly SyncedFile[]>>;

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
  return service.build !== undefined && !hasRules(service) && extrasOf(service).watch !== false;
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
export function syncedFiles({ to, nameOf }: Copy, files: readonly string[]): readonly SyncedFile[] {
  return files.map((source) => ({ source, target: absolute(`${to}/${nameOf(source)}`) }));
}

/** Relative paths are relative to the root, whatever the working directory is. */
function absolute(target: string): string {
  const parts: string[] = [];
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
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
  /** Those whose files changed. */
  readonly services: readonly string[];
  /** Those that have had containers: if they have none now, someone wants it so. */
  readonly begun: ReadonlySet<string>;
  /** How many of the images that new ones took the names of stay where the stack does not say it; absent: all. */
  readonly keptImages?: number | undefined;
  readonly replaceOrder?: ReplaceOrder | undefined;
  readonly initialFiles: InitialFiles;
}

/**
 * Puts containers of new images in the place of the old ones, as many as there are. What has ended is left alone, and so
 * are other services, which someone else may have changed, unless they have to follow.
 */
export function planRenewal(stack: Stack, observed: ObservedState, options: RenewOptions): Plan {
  const { services, begun, keptImages, initialFiles, replaceOrder } = options;
  const scale = Object.fromEntries(
    services.flatMap((name) => {
      const count = countOf(observed.containers, name);
      return count > 0 || begun.has(name) ? [[name, count]] : [];
    }),
  );
  const kept = withChoices(stack, { services: [], scale });
  const plan = planUp(kept, observed, { leaveEnded: true, only: services, initialFiles, replaceOrder });
  const isReplaced = plan.steps.some(({ action }) => action.kind === 'remove-container');
  if (keptImages === undefined || !isReplaced) return plan;
  return withoutSuperseded(plan, stack, keptImages);
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
  const path = `services.${service}.develop.watch`;
  const { files, restart, commands } = changes;
  const own = observed.containers.filter((container) => container.service === service && !container.oneOff);
  const syncs = createStepList();
  if (files.length > 0)
    for (const one of own) syncs.add({ kind: 'sync-files', container: refOf(one), files }, because, path);
  const synced = syncs.steps.map(({ id }) => id);
  const restarts = restart
    ? planRestart(stack, stack, observed, { services: [service], because, after: synced }).steps
    : [];
  const runs = createStepList();
  for (const one of own.filter((container) => isAlive(container) || restart)) {
    let before: readonly StepId[] = [...synced, ...stepsOf(restarts, service)];
    for (const { index, hook } of commands) {
      const action = { kind: 'run-command', container: refOf(one), index, command: hook } as const;
      before = [runs.add(action, because, `${path}[${index}].exec`, before)];
    }
  }
  const steps = [...syncs.steps, ...restarts, ...runs.steps];
  return { stack: { name: stack.name, directory: stack.directory }, steps, warnings: [] };
}

/** Those after which the containers of a service have been restarted. */
function stepsOf(steps: readonly Step[], service: string): readonly StepId[] {
  return steps.flatMap((step) => (serviceOf(step.action) === service ? [step.id] : []));
}

function distinct(files: readonly SyncedFile[]): readonly SyncedFile[] {
  return [...new Map(files.map((file) => [`${file.source}\0${file.target}`, file])).values()];
}
