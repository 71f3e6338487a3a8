import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import type { Purpose } from '../model/event.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type Choices, chosenServices, withChoices } from '../plan/choices.ts';
import { changedContainers, withDifferences } from '../plan/differences.ts';
import { planFreshImages } from '../plan/images.ts';
import { findStaleVolumes } from '../plan/objects.ts';
import { dependantsOfPrograms, planProvided } from '../plan/provided.ts';
import { withoutSuperseded } from '../plan/superseded.ts';
import { type UpOptions as PlanOptions, planUp } from '../plan/up.ts';
import { observeWithBuilds } from './builds.ts';
import { changedContents } from './contents.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { loadOrTellAll, preflight } from './preflight.ts';
import { askPrograms } from './programs.ts';
import { carryOut, observeStack, placed, withPlaces } from './work.ts';

/** What `up`, `create` and `scale` can be told. */
export interface ConvergeOptions
  extends Omit<Choices, 'services'>,
    Omit<PlanOptions, 'chosen' | 'noBuild' | 'rebuild' | 'leaveEnded' | 'changedContents' | 'replaceOrder'> {
  readonly load: LoadRequest;
  /** True: build images even if they are there, or those of some services; false: build nothing. */
  readonly build?: boolean | readonly string[] | undefined;
  /** Also build images anew that would be made from something else now; else those that are there are taken as they are. */
  readonly checkBuilds?: boolean;
  /** How many of the images that new ones took the names of stay where the stack does not say it; absent: all. */
  readonly keptImages?: number | undefined;
  /** Asked before volumes that were made with other settings are made anew, without their data; absent: they stay. */
  readonly confirmVolumes?: ((names: readonly string[]) => Promise<boolean>) | undefined;
}

export interface Convergence {
  /** What went wrong. */
  readonly problems: readonly Problem[];
  /** Whether something had to be done. */
  readonly changed: boolean;
}

/** The stack as the options want it. */
export async function loadChosen({
  load,
  ...choices
}: Omit<Choices, 'services'> & { readonly load: LoadRequest }): Promise<Loaded> {
  const loaded = await loadStack(load);
  return { ...loaded, stack: withChoices(loaded.stack, { ...choices, services: load.services }) };
}

/** The same for a command that is to change the engine: what cannot be loaded is told with all else that is in the way. */
export function loadToConverge(options: ConvergeOptions, surroundings: Surroundings): Promise<Loaded> {
  return loadOrTellAll(() => loadChosen(options), options.load, surroundings);
}

/** Brings the engine to what the stack describes: images that are to be fresh first, then all that depends on them. */
export async function converge(
  loaded: Loaded,
  options: ConvergeOptions,
  purpose: Purpose,
  surroundings: Surroundings,
): Promise<Convergence> {
  const { exclusively, signal } = surroundings;
  let decided = options;
  for (;;) {
    const done = await exclusively(loaded.stack.name, signal, () =>
      convergeAlone(loaded, decided, purpose, surroundings),
    );
    if ('problems' in done) return done;
    // Whoever takes their time to answer holds nobody up.
    const recreateVolumes = (await options.confirmVolumes?.(done.stale)) ?? false;
    if (signal.aborted) return { problems: [], changed: false };
    decided = { ...options, recreateVolumes };
  }
}

interface Asking {
  /** Volumes of which it has to be known first whether they are to be made anew. */
  readonly stale: readonly string[];
}

async function convergeAlone(
  loaded: Loaded,
  options: ConvergeOptions,
  purpose: Purpose,
  surroundings: Surroundings,
): Promise<Convergence | Asking> {
  const { emit, rehearse, signal } = surroundings;
  const before = await observeFor(loaded, options, { take: rehearse === undefined }, surroundings);
  await refuseOtherFolder(options.load, loaded, before.containers, surroundings);
  const foreseen = await foreseeSteps(loaded, before, options, surroundings);
  await preflight(loaded, foreseen.plans, foreseen.problems, before, surroundings);
  const { confirmVolumes, noRecreate, recreateVolumes } = options;
  if (confirmVolumes !== undefined && noRecreate !== true && recreateVolumes === undefined) {
    const stale = findStaleVolumes(loaded.stack, before);
    if (stale.size > 0) return { stale: [...stale] };
  }
  const { images } = foreseen;
  if (images.steps.length === 0) {
    for (const problem of images.warnings) emit({ type: 'problem-found', problem: placed(problem, loaded) });
  } else {
    const problems = await carryOut(images, purpose, surroundings, signal, loaded);
    if (signal.aborted || problems.length > 0) return { problems, changed: true };
  }
  const asked = await askPrograms(loaded, purpose, surroundings);
  if (signal.aborted || asked.problems.length > 0) return { problems: asked.problems, changed: true };
  const isOutdated = images.steps.length > 0 || asked.any;
  const planned =
    isOutdated || foreseen.plan === undefined
      ? await planConvergence(
          asked.loaded,
          await observeStack(loaded.stack, surroundings, signal),
          options,
          surroundings,
        )
      : foreseen.plan;
  const isBuilt = [...images.steps, ...planned.steps].some(({ action }) => action.kind === 'build-image');
  const { keptImages } = options;
  const plan =
    isBuilt && keptImages !== undefined
      ? withoutSuperseded(planned, asked.loaded.stack, keptImages)
      : planned;
  const problems = await carryOut(plan, purpose, surroundings, signal, loaded);
  const steps = [...images.steps, ...plan.steps];
  return { problems, changed: steps.some(({ action }) => action.kind !== 'await-condition') };
}

interface Foreseen {
  readonly images: Plan;
  /** What follows if images do not change; absent where `problems` say why there is none. */
  readonly plan?: Plan;
  readonly plans: readonly Plan[];
  readonly problems: readonly Problem[];
}

/** What is going to be done as far as it is known before any of it is. */
async function foreseeSteps(
  loaded: Loaded,
  observed: ObservedState,
  options: ConvergeOptions,
  surroundings: Surroundings,
): Promise<Foreseen> {
  const images = freshImages(loaded, observed, options);
  try {
    const undetermined = dependantsOfPrograms(loaded.stack);
    const plan = await planConvergence(loaded, observed, { ...options, undetermined }, surroundings);
    return { images, plan, plans: [images, plan], problems: [] };
  } catch (error) {
    surroundings.signal.throwIfAborted();
    if (!(error instanceof ProblemsError)) throw error;
    return { images, plans: [], problems: error.problems };
  }
}

/** What is known of the builds of a stack counts unless all of them are made, or none is to be checked. */
function observeFor(
  { stack }: Loaded,
  { build, checkBuilds }: ConvergeOptions,
  take: { readonly take: boolean },
  surroundings: Surroundings,
): Promise<ObservedState> {
  if (checkBuilds === true && build !== true) return observeWithBuilds(stack, take, surroundings);
  return observeStack(stack, surroundings, surroundings.signal);
}

/** All that `converge` would do. What a fresh image would lead to is known only once it is there. */
export async function foresee(
  loaded: Loaded,
  options: ConvergeOptions,
  surroundings: Surroundings,
): Promise<Plan> {
  const observed = await observeFor(loaded, options, { take: false }, surroundings);
  await refuseOtherFolder(options.load, loaded, observed.containers, surroundings);
  const images = freshImages(loaded, observed, options);
  const { stack } = loaded;
  const undetermined = dependantsOfPrograms(stack);
  const plan = await planConvergence(loaded, observed, { ...options, undetermined }, surroundings);
  const known = new Set(images.steps.map(({ id }) => id));
  const rest = plan.steps.filter(({ id }) => !known.has(id));
  const warnings = [...images.warnings, ...plan.warnings, ...unforeseen(undetermined)];
  return { ...plan, steps: [...images.steps, ...planProvided(stack).steps, ...rest], warnings };
}

function unforeseen(undetermined: ReadonlySet<string>): readonly Problem[] {
  if (undetermined.size === 0) return [];
  return [
    {
      code: 'not-foreseeable',
      severity: 'warning',
      message: `what programs tell ${[...undetermined].join(', ')} is known only once they have run`,
      hint: 'containers that are there are told to stay; they are replaced if it is not what they were made with',
    },
  ];
}

function freshImages(loaded: Loaded, observed: ObservedState, { build }: ConvergeOptions): Plan {
  return withPlaces(loaded, () => planFreshImages(loaded.stack, observed, { build, now: Date.now() / 1000 }));
}

async function planConvergence(
  loaded: Loaded,
  observed: ObservedState,
  options: ConvergeOptions,
  surroundings: Surroundings,
): Promise<Plan> {
  const { runtime, signal, replaceOrder } = surroundings;
  const { stack } = loaded;
  const { load, build, confirmVolumes: _, checkBuilds: _checked, keptImages: _kept, ...rest } = options;
  const chosen = chosenServices(stack, load.services);
  const contents = await changedContents(loaded, observed, surroundings);
  const plan = withPlaces(loaded, () =>
    planUp(stack, observed, {
      ...rest,
      chosen,
      noBuild: build === false,
      changedContents: contents,
      replaceOrder,
    }),
  );
  const compared = await Promise.all(
    changedContainers(plan).map(
      async ({ id, action }) => [action.container.name, await runtime.compare(id, action, signal)] as const,
    ),
  );
  return withDifferences(plan, stack, new Map(compared));
}
