import type { LoadRequest } from '../load/load.ts';
import { groupBy } from '../model/groups.ts';
import { label } from '../model/labels.ts';
import type { EngineContents } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Surroundings } from '../model/runtime.ts';
import { linesOfSteps } from '../plan/format.ts';
import { type Leftovers, planLeftovers } from '../plan/leftovers.ts';
import { keptImages, keptImagesOf } from '../plan/superseded.ts';
import { weightOf } from '../plan/trash.ts';
import { alone } from './alone.ts';
import { type Discarding, trashId } from './discarding.ts';
import { isFolderGone } from './other-folder.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { findProject, type Project, tellProject } from './project.ts';
import { carryOut } from './work.ts';

export interface GcOptions {
  readonly load: LoadRequest;
  /** Of all projects of the engine, in the place of the one here. */
  readonly all: boolean;
  /** Also volumes that no container mounts, with their data. */
  readonly volumes: boolean;
  /** Also all that is kept of removed volumes. */
  readonly trash: boolean;
  readonly discarding: Discarding;
  /** Asked with what is to be done, a line each, before anything is done. */
  readonly confirm: (lines: readonly string[]) => Promise<boolean>;
}

/** Removes what projects have left on the engine and nothing uses any more; tells of volumes. */
export async function gc(options: GcOptions, surroundings: Surroundings): Promise<Outcome> {
  const { runtime, emit, signal } = surroundings;
  // What is switched off by its profile is no leftover.
  const load = { ...options.load, profiles: ['*'], allResources: true };
  const project = options.all ? undefined : await findProject(load);
  if (project !== undefined) tellProject(project, surroundings);
  const id = trashId();
  const look = async (): Promise<Leftovers> =>
    leftoversIn(await runtime.observeContents(signal), project, options, id, surroundings);
  const found = await look();
  for (const volume of found.volumes) {
    const message = `no container mounts volume ${volume.name} (${weightOf(volume, options.discarding.words, Date.now() / 1000)}); it stays`;
    const hint = 'stack gc --volumes removes such volumes, with their data';
    emit({ type: 'problem-found', problem: { code: 'left-volume', severity: 'warning', message, hint } });
  }
  const { steps } = found.plan;
  // Whoever takes their time to answer holds nobody up.
  if (steps.length > 0 && !(await options.confirm(linesOfSteps(steps))))
    return signal.aborted ? interrupted : succeeded;
  return alone(found.projects, surroundings, async () => {
    const asked = new Set(steps.map(({ id }) => id));
    const plan = steps.length > 0 ? onlyAsked((await look()).plan, asked) : found.plan;
    const problems = await carryOut(plan, 'gc', surroundings, signal, project?.loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}

async function leftoversIn(
  contents: EngineContents,
  project: Project | undefined,
  { volumes, trash, discarding, load }: GcOptions,
  id: string,
  { engineIsHere }: Surroundings,
): Promise<Leftovers> {
  const stack = project?.loaded?.stack;
  return planLeftovers(contents, {
    directory: project?.directory ?? load.directory,
    project: project?.name,
    // Of an engine on another machine the folders cannot be looked at.
    gone: engineIsHere ? await goneProjects(contents) : new Set(),
    kept: (service) =>
      stack === undefined ? keptImages : keptImagesOf(stack, stack.services[service] ?? {}, keptImages),
    declared: stack && new Set(Object.values(stack.volumes).map(({ name }) => name)),
    volumes,
    keeping: { ...discarding, id, now: Date.now() / 1000, volumes: contents.volumes, trash: contents.trash },
    trash,
  });
}

/** Projects none of whose folders is there any more. */
async function goneProjects({ containers }: EngineContents): Promise<ReadonlySet<string>> {
  const byProject = groupBy(containers, ({ labels }) => labels[label.project] ?? '');
  const looked = await Promise.all(
    [...byProject].map(async ([name, own]) => [name, await isFolderGone(own)] as const),
  );
  return new Set(looked.flatMap(([name, isGone]) => (isGone ? [name] : [])));
}

/** What has become a leftover since then, or is none any more, stays. */
function onlyAsked(plan: Plan, asked: ReadonlySet<string>): Plan {
  return { ...plan, steps: plan.steps.filter(({ id }) => asked.has(id)) };
}
