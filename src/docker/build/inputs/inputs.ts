import { hash } from 'node:crypto';
import type { BuildImage } from '../../../model/plan.ts';
import { isRemoteContext } from '../../../model/stack.ts';
import { call } from '../../api.ts';
import type { EngineHttp } from '../../http.ts';
import { type BuildSources, readIgnoreFile } from '../sources.ts';
import { imagesOf, readDockerfile } from './dockerfile.ts';
import type { BuildInputs } from './records.ts';
import { readTree, shortened, type Tree, type TreeRequest } from './tree.ts';

export interface InputsRequest {
  readonly action: BuildImage;
  readonly sources: BuildSources;
  /** As in `TreeRequest`. */
  readonly began?: number;
  /** Reads a folder; several builds may share what was read. */
  readonly read?: (request: TreeRequest) => Promise<Tree>;
}

/**
 * What a build is made from now, but for images. Contexts that the builder fetches itself are what they are named. Where it
 * is cached, how it is called, and what secrets and keys its steps may use say does not count: the builder does not build
 * anew for them either.
 */
export async function readOwnInputs(
  { action, sources, began, read = readTree }: InputsRequest,
  signal: AbortSignal,
): Promise<Omit<BuildInputs, 'images'>> {
  const time = began === undefined ? {} : { began };
  const { context: directory, ignoreText, remote, dockerfile } = sources;
  const folders = Object.entries(action.build.additional_contexts ?? {}).filter(
    ([, value]) => !isRemoteContext(value),
  );
  const nothing: Tree = {};
  const [own, further] = await Promise.all([
    remote ? nothing : read({ directory, ignoreText, ...time, signal }),
    Promise.all(
      folders.map(async ([name, folder]) => {
        const { text } = await readIgnoreFile(folder, undefined);
        return [name, await read({ directory: folder, ignoreText: text, ...time, signal })] as const;
      }),
    ),
  ]);
  // It counts by its text, wherever it is.
  const { [dockerfile.name]: _, ...files } = own;
  return {
    settings: settingsOf(action, sources),
    contexts: { '': files, ...Object.fromEntries(further) },
  };
}

/** The ids of the images that a build begins with, as far as the engine has them. */
export async function readImageIds(
  { action, sources }: Pick<InputsRequest, 'action' | 'sources'>,
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<BuildInputs['images']> {
  const found = await Promise.all(
    namesOfImages(action, sources).map(
      async (name) => [name, await imageIdOf(name, engine, signal)] as const,
    ),
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
    settings.flatMap(([name, value]) =>
      value === undefined ? [] : [[name, shortened(hash('sha256', JSON.stringify(value), 'base64url'))]],
    ),
  );
}

function namesOfImages({ build, bases = {} }: BuildImage, { dockerfile }: BuildSources): readonly string[] {
  const named = new Set([...Object.keys(bases), ...Object.keys(build.additional_contexts ?? {})]);
  const read = dockerfile.text === undefined ? undefined : readDockerfile(dockerfile.text, build.args);
  const written = read === undefined ? [] : imagesOf(read, build.target, named);
  return [...new Set([...written, ...Object.values(bases)])];
}

/** The id of an image by its name; `undefined` if the engine does not have it. */
export async function imageIdOf(
  name: string,
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<string | undefined> {
  // What is no name at all cannot be there.
  const accept = [400, 404];
  const path = `/images/${name}/json`;
  const { Id } = await call<{ readonly Id?: string }>(engine, 'GET', path, { signal, accept });
  return Id;
}
