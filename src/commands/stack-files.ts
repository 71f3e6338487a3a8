import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Loaded, LoadRequest } from '../load/load.ts';
import { isFoundByName } from '../load/project/find.ts';
import { problemsOf } from '../model/problem.ts';
import type { FileSet, Surroundings } from '../model/runtime.ts';
import { withChoices } from '../plan/choices.ts';
import { linesOfSteps } from '../plan/format.ts';
import { keptCounts, removedForGood, stackChanges } from '../plan/stack-changes.ts';
import type { WatchedService } from '../plan/watch.ts';
import { type ConvergeOptions, converge, foresee } from './converge.ts';
import { unusable } from './fresh.ts';
import { initialFilesOf, readWatched } from './watched.ts';
import { tellLoaded } from './work.ts';

/** How changes of the files of a stack are acted on. */
export interface StackFiles {
  readonly load: LoadRequest;
  /** Whether someone can be asked for what removes something. */
  readonly asks: boolean;
  /** Whether all that is to run is brought up after this anyway, in its order: what was to come up before has failed. */
  readonly rises: () => boolean;
  /** The stack is another one from now on, and so is what is watched of it. */
  readonly renewed: (loaded: Loaded, watched: readonly WatchedService[]) => void;
}

/** Carries out what the files of the stack say whenever they change. */
export interface Applier {
  take(files: readonly string[]): void;
  /** Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

interface ApplierOptions {
  readonly reload: () => Promise<Loaded>;
  readonly stackFiles: StackFiles;
  /** Services that have had containers. */
  readonly begun: ReadonlySet<string>;
  readonly busy: (is: boolean) => void;
  /** Nothing begins any more. */
  readonly until: AbortSignal;
  /** What is carried out is what is watched from now on. */
  readonly turnTo: (loaded: Loaded, watched: readonly WatchedService[]) => Promise<void>;
}

/** The files that were read, and those that are read once they are there. */
export async function stackFilesOf({ stack, read }: Loaded): Promise<FileSet> {
  // A link is saved where it leads to.
  const real = await Promise.all(read.map((file) => realpath(file).catch(() => file)));
  const files = new Set([...read, ...real]);
  const near = new Set([stack.directory, ...stack.files.map((file) => path.dirname(file))]);
  const folders = new Set([...near, ...[...files].map((file) => path.dirname(file))]);
  const includes = (file: string): boolean =>
    files.has(file) || (near.has(path.dirname(file)) && isFoundByName(path.basename(file)));
  return { folders: [...folders], includes, prunes: (file) => !includes(file) && !folders.has(file) };
}

/**
 * Applies changes one after the other. Only services that the files say something else of are touched, and as many
 * containers stay as there are: what another terminal did is not undone. What would remove something is asked for, or only
 * told. Files that cannot be used are told, and nothing changes until they are mended.
 */
export function createApplier(loaded: Loaded, options: ApplierOptions, surroundings: Surroundings): Applier {
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;
  let applied = loaded;
  const work = async (): Promise<void> => {
    while (waiting.size > 0 && !options.until.aborted) {
      const files = [...waiting];
      waiting.clear();
      try {
        const next = await apply(applied, files, options, surroundings);
        if (next !== undefined) applied = next;
      } catch (error) {
        if (surroundings.signal.aborted) break;
        for (const problem of problemsOf(error)) surroundings.emit({ type: 'problem-found', problem });
      }
    }
    running = undefined;
  };
  return {
    take(files) {
      for (const file of files) waiting.add(file);
      running ??= work();
    },
    async finish() {
      await running;
    },
  };
}

/** Gives the stack once it is carried out; `undefined` if it is not, or did not have to be. */
async function apply(
  applied: Loaded,
  files: readonly string[],
  { reload, stackFiles, begun, busy, turnTo }: ApplierOptions,
  surroundings: Surroundings,
): Promise<Loaded | undefined> {
  const { emit, signal } = surroundings;
  let next: Loaded;
  try {
    next = await reload();
  } catch (error) {
    const [first] = problemsOf(error);
    if (first !== undefined) emit({ type: 'problem-found', problem: unusable(first) });
    return undefined;
  }
  const { services, builds, dropped, networks } = stackChanges(applied, next);
  const told = { type: 'stack-changed', files, services } as const;
  if (services.length + dropped.length + networks.length === 0) {
    emit({ ...told, plan: [], removes: [], asks: false });
    return undefined;
  }
  const containers = await surroundings.runtime.observeContainers(next.stack.name, signal);
  const watched = await readWatched(next, surroundings);
  const scale = keptCounts(applied.stack, next.stack, containers, begun);
  const kept = { ...next, stack: withChoices(next.stack, { services: [], scale }) };
  const rises = stackFiles.rises();
  const wishes: ConvergeOptions = {
    load: stackFiles.load,
    build: builds,
    ignoreOrphans: true,
    removeOrphans: dropped.length > 0,
    // A network is made anew together with all containers on it.
    ...(networks.length === 0 && !rises && { only: services }),
    initialFiles: await initialFilesOf(watched, surroundings),
  };
  const plan = await foresee(kept, wishes, surroundings);
  const removes = removedForGood(plan);
  const lines = linesOfSteps(plan.steps);
  emit({ ...told, plan: lines, removes, asks: removes.length > 0 && stackFiles.asks });
  if (removes.length > 0) return undefined;
  tellLoaded(next, surroundings);
  stackFiles.renewed(next, watched);
  if (rises) {
    await turnTo(next, watched);
    return next;
  }
  busy(true);
  try {
    const [{ problems }] = await Promise.all([
      converge(kept, wishes, 'change', surroundings),
      turnTo(next, watched),
    ]);
    return problems.length === 0 ? next : undefined;
  } finally {
    busy(false);
  }
}
