import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import type { Purpose } from '../model/event.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type Choices, chosenServices, withChoices } from '../plan/choices.ts';
import { changedContainers, withDifferences } from '../plan/differences.ts';
import { prepareHashes } from '../plan/hash.ts';
import { planFreshImages } from '../plan/images.ts';
import { findStaleVolumes } from '../plan/objects.ts';
import { dependantsOfPrograms, planProvided } from '../plan/provided.ts';
import { withoutSuperseded } from '../plan/superseded.ts';
import { foretell } from '../plan/trash.ts';
import { type UpOptions as PlanOptions, planUp } from '../plan/up.ts';
import { observeWithBuilds } from './builds.ts';
import { changedContents } from './contents.ts';
import { type Discarding, keepingFor } from './discarding.ts';
import { leftBehind, type PlaceStore, rememberPlace } from './left-behind.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { loadOrTellAll, preflight } from './preflight.ts';
import { askPrograms } from './programs.ts';
import { carryOut, observeStack, placed, withPlaces } from './work.ts';

/** What `up`, `create` and `scale` can be told. */
export interface ConvergeOptions
  extends Omit<Choices, 'services'>,
    Omit<
      PlanOptions,
      'chosen' | 'keeping' | 'noBuild' | 'rebuild' | 'leaveEnded' | 'changedContents' | 'replaceOrder'
    > {
  readonly load: LoadRequest;
  /** True: build images even if they are there, or those of some services; false: build nothing. */
  readonly build?: boolean | readonly string[] | undefined;
  /** Also build images anew that would be made from something else now; else those that are there are taken as they are. */
  readonly checkBuilds?: boolean;
  /** How many of the images that new ones took the names of stay where the stack does not say it; absent: all. */
  readonly keptImages?: number | undefined;
  /** Asked before volumes that were made with other settings are made anew, without their data; absent: they stay. */
  readonly confirmVolumes?: ((volumes: readonly string[]) => Promise<boolean>) | undefined;
  /** How these go; absent: at once and for good, as with Docker Compose. */
  readonly discarding?: Discarding | undefined;
  /** Where it is remembered in which folders projects are; absent: nowhere, as with Docker Compose. */
  readonly places?: PlaceStore | undefined;
}

export interface Convergence {
  /** What went wrong. */
  readonly problems: readonly Problem[];
  /** Whether something had to be done. */
  readonly changed: boolean;
  /** The containers as they are, if there was nothing to do; absent: they are to be looked at. */
  readonly containers?: readonly ObservedContainer[];
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
  const { exclusively, runtime, signal } = surroundings;
  let decided = options;
  for (;;) {
    const done = await exclusively(loaded.stack.name, signal, async (isLeft) => {
      // What it had told to end would run for another moment, and then not any more.
      if (isLeft) await runtime.awaitEnds(loaded.stack.name, signal);
      return convergeAlone(loaded, decided, purpose, surroundings);
    });
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

/** How often a project is observed while containers come of which nobody is known to make them. */
const mostLooks = 5;

async function convergeAlone(
  loaded: Loaded,
  options: ConvergeOptions,
  purpose: Purpose,
  surroundings: Surroundings,
  looks = 1,
): Promise<Convergence | Asking> {
  const { emit, rehearse, signal } = surroundings;
  const before = await observeFor(loaded, options, { take: rehearse === undefined }, surroundings);
  await refuseOtherFolder(options.load, loaded, before.containers, surroundings);
  const foreseen = await foreseeSteps(loaded, before, options, surroundings);
  prepareFor(foreseen.plans, surroundings.runtime);
  const { plans, problems: failed } = foreseen;
  if (await preflight(loaded, plans, failed, before, surroundings, looks < mostLooks))
    return convergeAlone(loaded, options, purpose, surroundings, looks + 1);
  const { confirmVolumes, noRecreate, recreateVolumes } = options;
  if (confirmVolumes !== undefined && noRecreate !== true && recreateVolumes === undefined) {
    const stale = findStaleVolumes(loaded.stack, before);
    if (stale.size > 0) return { stale: await describeVolumes(stale, options, surroundings) };
  }
  for (const problem of await findLeftBehind(loaded, foreseen.plan, options, surroundings))
    emit({ type: 'problem-found', problem: placed(problem, loaded) });
  if (rehearse === undefined && options.places !== undefined)
    await rememberPlace(loaded.stack, options.places);
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
  const { unbuilt } = images;
  const told = images.steps.length === 0 && unbuilt !== undefined ? { ...planned, unbuilt } : planned;
  const plan =
    isBuilt && keptImages !== undefined ? withoutSuperseded(told, asked.loaded.stack, keptImages) : told;
  const problems = await carryOut(plan, purpose, surroundings, signal, loaded);
  const steps = [...images.steps, ...plan.steps];
  if (steps.length === 0 && !isOutdated) return { problems, changed: false, containers: before.containers };
  return { problems, changed: steps.some(({ action }) => action.kind !== 'await-condition') };
}

/** Makes ready what plans take. The engine takes a moment to answer what is asked before anything is done. */
function prepareFor(plans: readonly Plan[], runtime: Surroundings['runtime']): void {
  const kinds = new Set(plans.flatMap(({ steps }) => steps.map(({ action }) => action.kind)));
  kinds.delete('await-condition');
  if (kinds.size > 0) runtime.prepare(kinds.has('build-image') ? 'builds' : 'steps');
}

/** Where the data of volumes may be that are made empty. */
async function findLeftBehind(
  { stack }: Loaded,
  plan: Plan | undefined,
  { load, places, discarding }: ConvergeOptions,
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  if (places === undefined || discarding === undefined || plan === undefined) return [];
  return leftBehind(stack, plan, load, discarding.words, places, surroundings);
}

/** Volumes that may go, each with what it has, if that is asked of them. */
async function describeVolumes(
  names: ReadonlySet<string>,
  { discarding, confirmVolumes }: ConvergeOptions,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  if (discarding === undefined) return [...names];
  const asking = { ...discarding, confirm: confirmVolumes };
  return foretell(names, await keepingFor('', asking, surroundings));
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

/** What is known of the builds of a stack counts unless none is to be checked. */
function observeFor(
  { stack }: Loaded,
  { build, checkBuilds }: ConvergeOptions,
  { take }: { readonly take: boolean },
  surroundings: Surroundings,
): Promise<ObservedState> {
  // The engine takes a moment to answer.
  setImmediate(prepareHashes);
  // What is built in any case needs no look at it before.
  const options = { take: take && build !== true, certain: build !== undefined && build !== false };
  if (checkBuilds === true) return observeWithBuilds(stack, options, surroundings);
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
  const elsewhere = await findLeftBehind(loaded, plan, options, surroundings);
  const warnings = [...elsewhere, ...images.warnings, ...plan.warnings, ...unforeseen(undetermined)];
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
  const {
    load,
    build,
    discarding,
    confirmVolumes: _,
    checkBuilds: _checked,
    keptImages: _kept,
    places: _places,
    ...rest
  } = options;
  const mayRemove = options.recreateVolumes === true && findStaleVolumes(stack, observed).size > 0;
  const keeping =
    mayRemove && discarding !== undefined
      ? await keepingFor(stack.name, discarding, surroundings)
      : undefined;
  const chosen = chosenServices(stack, load.services);
  const contents = await changedContents(loaded, observed, surroundings);
  const plan = withPlaces(loaded, () =>
    planUp(stack, observed, {
      ...rest,
      chosen,
      noBuild: build === false,
      changedContents: contents,
      keeping,
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
