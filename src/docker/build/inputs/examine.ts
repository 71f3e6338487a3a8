import type { BuildChange, ObservedBuild } from '../../../model/observed.ts';
import type { BuildImage } from '../../../model/plan.ts';
import { ProblemsError } from '../../../model/problem.ts';
import type { ExaminedBuild } from '../../../model/runtime.ts';
import type { EngineHttp } from '../../http.ts';
import { type BuildSources, findSources } from '../sources.ts';
import { changesSince, counting } from './compare.ts';
import { readImageIds, readOwnInputs } from './inputs.ts';
import { filesNeeded } from './needed.ts';
import { plainBases } from './plain-bases.ts';
import { keepRecord, readRecord } from './records.ts';
import { readTree, type Tree, type TreeRequest } from './tree.ts';

export interface ExamineOptions {
  /** What is first seen now counts from now on as what an image of another tool was made from. */
  readonly take: boolean;
}

/**
 * What the images of services were made from, beside what builds would be made from now; by service. Nothing is asked of the
 * builder. Files are read for images of which something is known, or is to be.
 */
export async function examineBuilds(
  builds: readonly ExaminedBuild[],
  engine: EngineHttp,
  { take }: ExamineOptions,
  signal: AbortSignal,
): Promise<Readonly<Record<string, ObservedBuild>>> {
  const read = sharing(readTree);
  const examined = await Promise.all(
    builds.map(async (one) => [one.build.service, await examine(one, engine, take, read, signal)] as const),
  );
  return Object.fromEntries(examined);
}

async function examine(
  { build, imageId, aside }: ExaminedBuild,
  engine: EngineHttp,
  take: boolean,
  read: typeof readTree,
  signal: AbortSignal,
): Promise<ObservedBuild> {
  const record = await readRecord(imageId);
  if (record === undefined && !take) return { state: 'unknown', changes: [] };
  try {
    const sources = await findSources(build.service, build.build);
    const request = { action: build, sources, read };
    const [own, images] = await Promise.all([
      readOwnInputs(request, signal),
      readImageIds(request, engine, signal),
    ]);
    const inputs = { ...own, images };
    if (record === undefined) {
      await keepRecord(imageId, { ...inputs, given: [], taken: true });
      return { state: 'unknown', changes: [] };
    }
    const all = changesSince(record, inputs);
    // Words of a command may have led to other parts of the Dockerfile.
    const needed = record.given.length > 0 ? all : await neededOf(all, build, sources, engine, signal);
    const changes = counting(needed, aside, build, sources);
    if (changes.length > 0) return { state: 'changed', changes };
    return { state: record.taken === true ? 'taken' : 'current', changes: [] };
  } catch (error) {
    // Without its files nothing can be built: the image that is there is all there is, as for Docker Compose.
    if (error instanceof ProblemsError) return { state: 'taken', changes: [] };
    throw error;
  }
}

/** Without files that the Dockerfile has no use for. */
async function neededOf(
  changes: readonly BuildChange[],
  { build, bases }: BuildImage,
  { dockerfile: { text } }: BuildSources,
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<readonly BuildChange[]> {
  if (bases !== undefined || !changes.some(({ file }) => file?.context === '')) return changes;
  const needed = filesNeeded(build, text, await plainBases(build, text, engine, signal));
  return changes.filter(({ file }) => file === undefined || file.context !== '' || needed(file.name));
}

/** Services that are built from one folder share what was read of it. */
function sharing(read: typeof readTree): typeof readTree {
  const folders = new Map<string, Map<string, Promise<Tree>>>();
  return (request: TreeRequest) => {
    const { directory, ignoreText } = request;
    const known = folders.get(directory) ?? new Map<string, Promise<Tree>>();
    folders.set(directory, known);
    const tree = known.get(ignoreText) ?? read(request);
    known.set(ignoreText, tree);
    return tree;
  };
}
