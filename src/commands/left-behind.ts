import { stat } from 'node:fs/promises';
import type { LoadRequest } from '../load/load.ts';
import { groupBy } from '../model/groups.ts';
import { label } from '../model/labels.ts';
import type { ObservedContainer, WeighedVolume } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { weightOf } from '../plan/trash.ts';
import type { Discarding } from './discarding.ts';
import { foldersOf, isFolderGone, isSameFolder } from './other-folder.ts';

/** Volumes are found by the name of the project: a folder or a project of another name would begin with empty ones. */

/** Where a project was brought up. */
export interface Place {
  readonly project: string;
  readonly directory: string;
  /** What the folder is known by wherever it is moved on its disk; absent: the disk does not tell. */
  readonly identity?: string;
}

/** Where it is remembered. */
export interface PlaceStore {
  find(project: string): Promise<Place | undefined>;
  keep(place: Place): Promise<void>;
}

/** Remembers where a stack with volumes is. */
export async function rememberPlace({ name, directory, volumes }: Stack, places: PlaceStore): Promise<void> {
  if (Object.values(volumes).every(({ external }) => external === true)) return;
  const identity = await identityOf(directory);
  await places.keep({ project: name, directory, ...(identity === undefined ? {} : { identity }) });
}

/** How long is waited for the sizes of volumes, in milliseconds. */
const patience = 1000;

/**
 * Warnings about new volumes whose data is in those of a project that was in this folder under another name, or in a folder
 * that is not there any more. Who names the project by `-p` or by a variable of the environment means that one.
 */
export async function leftBehind(
  stack: Stack,
  plan: Plan,
  { projectName, environment, copyNamed }: LoadRequest,
  words: Discarding['words'],
  places: PlaceStore,
  { runtime, engineIsHere, signal }: Pick<Surroundings, 'runtime' | 'engineIsHere' | 'signal'>,
): Promise<readonly Problem[]> {
  if ((projectName || environment.COMPOSE_PROJECT_NAME || '') !== '') return [];
  const keys = new Set(
    plan.steps.flatMap(({ action }) => (action.kind === 'create-volume' ? [action.key] : [])),
  );
  if (keys.size === 0) return [];
  const isAlike = ({ labels }: WeighedVolume): boolean =>
    keys.has(labels[label.volume] ?? '') && (labels[label.project] ?? stack.name) !== stack.name;
  // To weigh them an engine counts all files of all volumes.
  if (!(await runtime.weighVolumes(0, signal)).volumes.some(isAlike)) return [];
  const { volumes } = await runtime.weighVolumes(patience, signal);
  const full = volumes.filter((volume) => isAlike(volume) && volume.size !== 0);
  const alike = groupBy(full, ({ labels }) => labels[label.project] ?? '');
  if (alike.size === 0) return [];
  const containers = await runtime.observeProjects(signal);
  const problems: Problem[] = [];
  for (const [project, own] of alike) {
    if ((await copyNamed?.(project)) !== undefined) continue;
    const theirs = containers.filter(({ labels }) => labels[label.project] === project);
    const folder = await formerFolder(project, theirs, stack, places, engineIsHere);
    if (folder !== undefined) problems.push(warning(stack, project, own, folder, words));
  }
  return problems;
}

/** Where a project was that is this one by another name, if it is. */
async function formerFolder(
  project: string,
  containers: readonly ObservedContainer[],
  { directory }: Stack,
  places: PlaceStore,
  engineIsHere: boolean,
): Promise<string | undefined> {
  const known = await places.find(project);
  const folders = [...foldersOf(containers), ...(known === undefined ? [] : [known.directory])];
  for (const folder of folders) if (await isSameFolder(folder, directory)) return folder;
  if (known?.identity !== undefined && known.identity === (await identityOf(directory)))
    return known.directory;
  return engineIsHere && (await isFolderGone(containers)) ? folders[0] : undefined;
}

async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeMs } = await stat(folder);
    // Disks that do not tell when a folder was made give its number to another one once it is gone.
    return birthtimeMs > 0 ? `${ino} ${birthtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}

function warning(
  { name }: Stack,
  project: string,
  volumes: readonly WeighedVolume[],
  folder: string,
  words: Discarding['words'],
): Problem {
  const now = Date.now() / 1000;
  const told = volumes.map((volume) => `${volume.name} (${weightOf(volume, words, now)})`).join(', ');
  const [what, are] = volumes.length === 1 ? ['volume', 'is'] : ['volumes', 'are'];
  return {
    code: 'volume-elsewhere',
    severity: 'warning',
    path: 'name',
    message: `project ${name} begins with empty volumes, and there ${are} ${what} ${told} of project ${project}, which was in ${folder}`,
    hint: `if that is its data: stack -p ${project} up, or \`name: ${project}\` in the file; if not, leave it, or remove it: stack -p ${project} down --volumes`,
  };
}
