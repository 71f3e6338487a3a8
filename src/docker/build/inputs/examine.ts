import { isDeepStrictEqual } from 'node:util';
import type { BuildChange, ObservedBuild, ObservedState } from '../../../model/observed.ts';
import type { BuildImage } from '../../../model/plan.ts';
import { ProblemsError } from '../../../model/problem.ts';
import type { ExaminedBuild } from '../../../model/runtime.ts';
import type { EngineHttp } from '../../http.ts';
import { hasContainerdStore } from '../limits.ts';
import { type BuildSources, findSources } from '../sources.ts';
import { isAllSeen } from './certain.ts';
import { changesSince, counting } from './compare.ts';
import { type FindImage, findImages } from './images.ts';
import { namesOfImages, type OwnInputs, readImageIds, readOwnInputs, seeOwnInputs } from './inputs.ts';
import { filesNeeded } from './needed.ts';
import { plainBases } from './plain-bases.ts';
import {
  type BuildInputs,
  type BuildRecord,
  keepAgain,
  keepRecord,
  type RecordHead,
  readRecord,
  wholeRecord,
} from './records.ts';
import { type SeenFolder, seeFolder, type TreeRequest } from './tree.ts';

export interface ExamineOptions {
  /** What is first seen now counts from now on as what an image of another tool was made from. */
  readonly take: boolean;
  /** Find out, too, of which of those that have not changed a builder would surely give the very image again. */
  readonly certain?: boolean;
}

/**
 * What the images of services were made from, beside what builds would be made from now; by service, for those of `images`
 * that are there. Nothing is asked of the builder. Files are looked at while the engine tells of its images, and read for
 * images of which something is known, or is to be.
 */
export async function examineBuilds(
  builds: readonly ExaminedBuild[],
  images: Promise<ObservedState['images']>,
  engine: EngineHttp,
  options: ExamineOptions,
  signal: AbortSignal,
): Promise<Readonly<Record<string, ObservedBuild>>> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const shared = {
    images,
    see: sharing(seeFolder),
    find: findImages(engine, until),
    take: options.take,
    // Others ask the same a moment later: it is not broken off where it is not needed here.
    certain: options.certain === true ? keepsToItsImages(engine, signal) : Promise.resolve(false),
  };
  try {
    const examined = await Promise.all(
      builds.map(async (one) => [one.build.service, await examine(one, shared, until)] as const),
    );
    return Object.fromEntries(
      examined.filter((entry): entry is [string, ObservedBuild] => entry[1] !== undefined),
    );
  } finally {
    // What nobody needed after all is looked at no longer. To make a reason of its own takes Node longer than to end.
    over.abort(unneeded);
  }
}

const unneeded = new Error('nobody needs it any more');

/** What looks at several services have in common. */
interface Shared {
  readonly images: Promise<ObservedState['images']>;
  readonly see: typeof seeFolder;
  readonly find: FindImage;
  readonly take: boolean;
  /** Whether anything can be certain. */
  readonly certain: Promise<boolean>;
}

/** An engine whose images are kept by containerd asks the registries for newer bases each time. */
function keepsToItsImages(engine: EngineHttp, signal: AbortSignal): Promise<boolean> {
  return hasContainerdStore(engine, signal).then(
    (isOther) => !isOther,
    () => false,
  );
}

/** `undefined` if there is no image. */
async function examine(
  { build, aside }: ExaminedBuild,
  { images: there, see, find, take, certain }: Shared,
  signal: AbortSignal,
): Promise<ObservedBuild | undefined> {
  const found = findSources(build.service, build.build);
  const seen = found.then((sources) => seeOwnInputs({ action: build, sources, see }, signal));
  // What goes wrong is told where it is waited for.
  seen.catch(() => {});
  const imageId = (await there)[build.image]?.id;
  if (imageId === undefined) return undefined;
  const record = readRecord(imageId);
  if (record === undefined && !take) return { state: 'unknown', changes: [] };
  try {
    const sources = await found;
    const [own, images] = await Promise.all([seen, readImageIds({ action: build, sources }, find)]);
    if (record === undefined) {
      await keepRecord(imageId, { ...(await readOwnInputs(own)), images, given: [], taken: true });
      return { state: 'unknown', changes: [] };
    }
    const known = record.snapshots && (await own.knownBy(record.snapshots));
    const compared = known ? besideFiles(record, own, images) : await whole(imageId, record, own, images);
    if (compared === undefined) return { state: 'unknown', changes: [] };
    const { before, now } = compared;
    const all = changesSince(before, now);
    // Words of a command may have led to other parts of the Dockerfile.
    const needed = record.given.length > 0 ? all : await neededOf(all, build, sources, find);
    const changes = counting(needed, aside, build, sources);
    if (changes.length > 0) return { state: 'changed', changes };
    // What is known again by its looks has the rights of the record.
    const isAlike = all.length === 0 && isDeepStrictEqual(before.rights, now.rights);
    if (isAlike && (known === undefined || !isDeepStrictEqual(known, record.snapshots))) {
      const snapshots = known ?? (await own.snapshots());
      if (snapshots !== undefined) await keepAgain(imageId, { ...record, snapshots });
    }
    if (record.taken === true) return { state: 'taken', changes: [] };
    const isCertain =
      (await certain) &&
      needed.length === 0 &&
      isSameThroughout(before, now, namesOfImages(build, sources)) &&
      (await comesOutAlike(build, sources, own, find));
    return { state: 'current', changes: [], ...(isCertain && { certain: true }) };
  } catch (error) {
    // Without its files nothing can be built: the image that is there is all there is, as for Docker Compose.
    if (error instanceof ProblemsError) return { state: 'taken', changes: [] };
    throw error;
  }
}

/** What is to be compared. */
interface Compared {
  readonly before: BuildRecord;
  readonly now: BuildInputs;
}

/** Of files that are surely the same nothing is read on either side. */
function besideFiles(before: RecordHead, { settings }: OwnInputs, images: BuildInputs['images']): Compared {
  const files = { contexts: {}, ...(before.rights !== undefined && { rights: before.rights }) };
  return { before: { ...before, ...files }, now: { settings, images, ...files } };
}

/** `undefined` where it is not known any more what the files were. */
async function whole(
  imageId: string,
  record: RecordHead,
  own: OwnInputs,
  images: BuildInputs['images'],
): Promise<Compared | undefined> {
  const before = wholeRecord(imageId, record);
  const files = before && (await own.files());
  return files && { before, now: { settings: own.settings, images, ...files } };
}

/** Also where a difference alone would be no reason to build anew. */
function isSameThroughout(record: BuildRecord, now: BuildInputs, images: readonly string[]): boolean {
  return (
    record.given.length === 0 &&
    isDeepStrictEqual(record.settings, now.settings) &&
    isDeepStrictEqual(record.rights, now.rights) &&
    images.every((name) => now.images[name] !== undefined && now.images[name] === record.images[name])
  );
}

/** Whether nothing comes into a build that is not looked at. */
async function comesOutAlike(
  action: BuildImage,
  sources: BuildSources,
  { passedOver }: OwnInputs,
  find: FindImage,
): Promise<boolean> {
  const { text } = sources.dockerfile;
  const plain = await plainBases(action.build, text, find);
  const needed = filesNeeded(action.build, text, plain);
  return (
    isAllSeen(action, sources, plain) &&
    !passedOver.some(({ context, name }) => context !== '' || needed(name))
  );
}

/** Without files that the Dockerfile has no use for. */
async function neededOf(
  changes: readonly BuildChange[],
  { build, bases }: BuildImage,
  { dockerfile: { text } }: BuildSources,
  find: FindImage,
): Promise<readonly BuildChange[]> {
  if (bases !== undefined || !changes.some(({ file }) => file?.context === '')) return changes;
  const needed = filesNeeded(build, text, await plainBases(build, text, find));
  return changes.filter(({ file }) => file === undefined || file.context !== '' || needed(file.name));
}

/** Services that are built from one folder share what was seen of it. */
function sharing(see: typeof seeFolder): typeof seeFolder {
  const folders = new Map<string, Map<string, Promise<SeenFolder>>>();
  return (request: TreeRequest) => {
    const { ignoreText } = request;
    const { directory } = request.folder;
    const known = folders.get(directory) ?? new Map<string, Promise<SeenFolder>>();
    folders.set(directory, known);
    const seen = known.get(ignoreText) ?? see(request);
    known.set(ignoreText, seen);
    return seen;
  };
}
