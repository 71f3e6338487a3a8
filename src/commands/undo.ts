import type { LoadRequest } from '../load/load.ts';
import { holderPrefix } from '../model/labels.ts';
import type { BrokenCopy, KeptVolume, Trash, WeighedVolume } from '../model/observed.ts';
import { failure, type Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type TrashWords, weightOf } from '../plan/trash.ts';
import { planUndo } from '../plan/undo.ts';
import { alone } from './alone.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { findProject } from './project.ts';
import { carryOut } from './work.ts';

export interface UndoOptions {
  readonly load: LoadRequest;
  /** What went with one command (`3f9a2c`), or one volume of it (`3f9a2c-1`); absent: what went last of the project here. */
  readonly id?: string | undefined;
  /** The name of another volume that is to have what one had. */
  readonly as?: string | undefined;
  readonly words: TrashWords;
}

/** All that is kept of removed volumes, what was removed last first. */
export async function listKept({ runtime, signal }: Surroundings): Promise<readonly KeptVolume[]> {
  return (await runtime.weighVolumes(0, signal)).trash.kept;
}

/** How long is waited for the sizes of volumes that are in the way, in milliseconds. */
const patience = 1000;

/**
 * Brings back removed volumes with what they had. Throws `nothing-kept` if there are none, and `name-in-use` if there are
 * volumes of their names: these may have something, too.
 */
export async function undo(options: UndoOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, id, as, words } = options;
  const { runtime, emit, signal } = surroundings;
  const project = id === undefined ? await findProject(load) : undefined;
  const look = async (): Promise<Found> => {
    const { volumes, trash } = await runtime.weighVolumes(patience, signal);
    const chosen = choose(trash, project?.name, id);
    if (as !== undefined && chosen.length > 1) throw severalAs(chosen);
    const broken = await brokenCopies(projectsOf(chosen), surroundings);
    const half = new Set(broken.map(({ to }) => to));
    refuseTaken(
      chosen,
      as,
      volumes.filter(({ name }) => !half.has(name)),
      words,
    );
    return { chosen, broken };
  };
  const projects = projectsOf((await look()).chosen);
  const [first = ''] = projects;
  emit({ type: 'stack-loaded', name: first, directory: load.directory, files: [], services: [] });
  return alone(projects, surroundings, async () => {
    const { chosen, broken } = await look();
    const problems: Problem[] = [];
    // What is left of a copy that is broken off belongs to the project whose volume it is.
    for (const name of projects) {
      const own = chosen.filter((volume) => volume.project === name);
      const plan = planUndo({ name, directory: load.directory }, own, broken, as);
      problems.push(...(await carryOut(plan, 'undo', surroundings, signal)));
      if (signal.aborted) return interrupted;
    }
    return outcomeOf(problems);
  });
}

interface Found {
  readonly chosen: readonly KeptVolume[];
  /** What tries before were broken off at, unless they still go on. */
  readonly broken: readonly BrokenCopy[];
}

function projectsOf(volumes: readonly KeptVolume[]): readonly string[] {
  return [...new Set(volumes.map(({ project }) => project))].sort();
}

async function brokenCopies(
  projects: readonly string[],
  { runtime, signal }: Surroundings,
): Promise<readonly BrokenCopy[]> {
  const nothing = { images: [], networks: [], volumes: [] };
  const found = await Promise.all(
    projects.map((project) => runtime.observe({ project, ...nothing }, signal)),
  );
  return found.flatMap((observed) => observed.brokenCopies ?? []);
}

/** Anonymous volumes are brought back only if they are named: no container would find them by themselves. */
function choose({ kept }: Trash, project: string | undefined, id: string | undefined): readonly KeptVolume[] {
  const named = kept.filter(({ was }) => was === undefined);
  // The same command may have removed volumes of other projects.
  const own = named.filter((volume) => volume.project === project);
  const one = kept.filter(({ holder }) => holder === id || holder === `${holderPrefix}${id}`);
  const group = id === undefined ? own : named;
  const wanted = id ?? own[0]?.id;
  const chosen = one.length > 0 ? one : group.filter((volume) => volume.id === wanted);
  if (chosen.length > 0) return chosen;
  const nameless = kept.filter((volume) =>
    id === undefined ? volume.project === project : volume.id === id,
  );
  if (nameless.length > 0) throw onlyNameless(nameless);
  throw failure({
    code: 'nothing-kept',
    message: id === undefined ? `nothing is kept of volumes of ${project}` : `nothing is kept as ${id}`,
    hint: 'stack undo --list shows all that is kept',
  });
}

/** What it is named by: `3f9a2c-1`. */
function keptId({ holder }: KeptVolume): string {
  return holder.slice(holderPrefix.length);
}

function onlyNameless(kept: readonly KeptVolume[]) {
  const [first] = kept;
  const told = kept.map((volume) => `${keptId(volume)} (${volume.was})`).join(', ');
  return failure({
    code: 'nothing-kept',
    message: `what is kept are anonymous volumes, which no container would find: ${told}`,
    hint: `say which one, and under which name: stack undo ${first === undefined ? 'ID' : keptId(first)} --as NAME`,
  });
}

function severalAs(chosen: readonly KeptVolume[]) {
  return failure({
    code: 'invalid-option',
    message: `--as is about one volume, and there are ${chosen.length}: ${chosen.map(({ name }) => name).join(', ')}`,
    hint: `say which one: ${chosen.map((volume) => `stack undo ${keptId(volume)} --as NAME`).join(', or ')}`,
  });
}

function refuseTaken(
  chosen: readonly KeptVolume[],
  as: string | undefined,
  volumes: readonly WeighedVolume[],
  words: TrashWords,
): void {
  const names = new Set(chosen.map(({ name }) => as ?? name));
  const taken = volumes.filter(({ name }) => names.has(name));
  const [first] = taken;
  if (first === undefined) return;
  const told = taken.map((one) => `${one.name} (${weightOf(one, words, Date.now() / 1000)})`).join(', ');
  const id = chosen[0] === undefined ? '' : chosen.length === 1 ? keptId(chosen[0]) : chosen[0].id;
  throw failure({
    code: 'name-in-use',
    message: `${told} ${taken.length === 1 ? 'is' : 'are'} there, and nothing in ${taken.length === 1 ? 'it' : 'them'} is overwritten`,
    hint: `to have it beside: stack undo ${id} --as NAME; to have it back in its place: stack down --volumes, then stack undo ${id}`,
  });
}
