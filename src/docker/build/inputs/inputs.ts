import type { BuildImage } from '../../../model/plan.ts';
import { isRemoteContext } from '../../../model/stack.ts';
import { type BuildSources, readIgnoreFile } from '../sources.ts';
import { imagesOf, readDockerfile } from './dockerfile.ts';
import type { FindImage } from './images.ts';
import type { BuildInputs, BuildRecord } from './records.ts';
import { digest, type SeenFolder, type Snapshot, seeFolder, type TreeRequest } from './tree.ts';

export interface InputsRequest {
  readonly action: BuildImage;
  readonly sources: BuildSources;
  /** As in `TreeRequest`. */
  readonly began?: number;
  /** Looks at a folder; several builds may share what was seen. */
  readonly see?: (request: TreeRequest) => Promise<SeenFolder>;
}

export type Snapshots = Readonly<Record<string, Snapshot>>;

/** What a build is made from now, but for images. */
export interface OwnInputs extends Pick<BuildInputs, 'settings'> {
  /** What the inputs say nothing of, and a build gets nevertheless. */
  readonly passedOver: readonly { readonly context: string; readonly name: string }[];
  /** Reads what has to be read. */
  files(): Promise<Required<Pick<BuildInputs, 'contexts' | 'rights'>>>;
  /** The snapshots by which the files are known from now on, if they and their rights are surely those that they were then; see `SeenFolder`. */
  knownBy(snapshots: Snapshots): Promise<Snapshots | undefined>;
  /** `undefined` where one of the folders has none. */
  snapshots(): Promise<Snapshots | undefined>;
}

/**
 * Looks at what a build is made from. Contexts that the builder fetches itself are what they are named. Where it is cached, how it
 * is called, and what secrets and keys its steps may use say does not count: the builder does not build anew for them either.
 */
export async function seeOwnInputs(
  { action, sources, began, see = seeFolder }: InputsRequest,
  signal: AbortSignal,
): Promise<OwnInputs> {
  const time = began === undefined ? {} : { began };
  const { context, ignoreText, remote, dockerfile, folder } = sources;
  const seeNamed = async (name: string, directory: string, ignored: string) =>
    [name, await see({ folder: folder(directory), ignoreText: ignored, ...time, signal })] as const;
  const further = Object.entries(action.build.additional_contexts ?? {}).filter(
    ([, value]) => !isRemoteContext(value),
  );
  const folders = await Promise.all([
    ...(remote ? [] : [seeNamed('', context, ignoreText)]),
    ...further.map(async ([name, directory]) =>
      seeNamed(name, directory, (await readIgnoreFile(directory, undefined)).text),
    ),
  ]);
  const each = <T>(ask: (seen: SeenFolder, name: string) => Promise<T>) =>
    Promise.all(folders.map(async ([name, seen]) => [name, await ask(seen, name)] as const));
  return {
    settings: settingsOf(action, sources),
    passedOver: folders.flatMap(([context, { passedOver }]) => passedOver.map((name) => ({ context, name }))),
    async files() {
      const { '': own, ...trees } = Object.fromEntries(await each((seen) => seen.tree()));
      // It counts by its text, wherever it is.
      const { [dockerfile.name]: _, ...files } = own ?? {};
      return {
        contexts: { '': files, ...trees },
        rights: { '': '', ...Object.fromEntries(folders.map(([name, seen]) => [name, seen.rights()])) },
      };
    },
    async knownBy(snapshots) {
      if (folders.length !== Object.keys(snapshots).length) return undefined;
      return allOf(
        await each(async (seen, name) => {
          const before = snapshots[name];
          return before && seen.knownBy(before);
        }),
      );
    },
    snapshots: async () => allOf(await each((seen) => seen.snapshot())),
  };
}

/** `undefined` where one is missing. */
function allOf(snapshots: readonly (readonly [string, Snapshot | undefined])[]): Snapshots | undefined {
  const whole = snapshots.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const]));
  return whole.length < snapshots.length ? undefined : Object.fromEntries(whole);
}

/** All of it, as it is kept. */
export async function readOwnInputs(own: OwnInputs): Promise<Omit<BuildRecord, 'images' | 'given'>> {
  const files = await own.files();
  const snapshots = await own.snapshots();
  return { settings: own.settings, ...files, ...(snapshots !== undefined && { snapshots }) };
}

/** The ids of the images that a build begins with, as far as the engine has them. */
export async function readImageIds(
  { action, sources }: Pick<InputsRequest, 'action' | 'sources'>,
  find: FindImage,
): Promise<BuildInputs['images']> {
  const found = await Promise.all(
    namesOfImages(action, sources).map(async (name) => [name, (await find(name)).id] as const),
  );
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** By the names that users know; the texts may be secret. */
function settingsOf({ build, labels: _, platform }: BuildImage, { dockerfile, remote }: BuildSources) {
  const named = (prefix: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value] as const);
  const settings: readonly (readonly [string, unknown])[] = [
    [dockerfile.path === undefined ? 'dockerfile_inline' : 'Dockerfile', dockerfile.text],
    ['context', remote ? build.context : undefined],
    ...named('args', build.args),
    ...named('labels', build.labels),
    ...named(
      'additional_contexts',
      Object.fromEntries(
        Object.entries(build.additional_contexts ?? {}).filter(([, value]) => isRemoteContext(value)),
      ),
    ),
    ['secrets', build.secrets?.map(({ source, target = source }) => target)],
    // One image for several platforms serves all of them.
    ['platform', (build.platforms?.length ?? 0) > 1 ? undefined : platform],
    ...(
      [
        'target',
        'network',
        'extra_hosts',
        'shm_size',
        'ulimits',
        'privileged',
        'entitlements',
        'isolation',
      ] as const
    ).map((key) => [key, build[key]] as const),
  ];
  return Object.fromEntries(
    settings.flatMap(([name, value]) => (value === undefined ? [] : [[name, digest(JSON.stringify(value))]])),
  );
}

/** The images that a build begins with or takes files from, as far as their names are known. */
export function namesOfImages(
  { build, bases = {} }: BuildImage,
  { dockerfile }: BuildSources,
): readonly string[] {
  const named = new Set([...Object.keys(bases), ...Object.keys(build.additional_contexts ?? {})]);
  const read = dockerfile.text === undefined ? undefined : readDockerfile(dockerfile.text, build.args);
  const written = read === undefined ? [] : imagesOf(read, build.target, named);
  return [...new Set([...written, ...Object.values(bases)])];
}
