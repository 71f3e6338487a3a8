import type { BuildImage } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import { joinPath } from '../../model/stack.ts';
import type { EngineConnection, EngineHttp } from '../http.ts';
import { engineInfo } from '../info.ts';
import type { Attributes } from './attributes.ts';
import { isFolder } from './sources.ts';

/** Throws the problem of a build that is known to fail, or of which a part would be lost, before it begins. */
export async function refuseImpossible(
  action: BuildImage,
  attributes: Attributes,
  engine: EngineConnection,
  signal: AbortSignal,
): Promise<void> {
  refuseMissingFolders(action.service, attributes);
  refuseCacheInFolder(action.service, attributes);
  await refuseForStore(action, attributes, engine, signal);
}

/** Throws `missing-build-file` for folders that are not there, whether or not a step uses them. */
function refuseMissingFolders(service: string, { folders }: Attributes): void {
  for (const [name, folder] of Object.entries(folders)) {
    if (isFolder(folder)) continue;
    const path = `services.${service}.build.additional_contexts`;
    throw failure({
      code: 'missing-build-file',
      service,
      path: joinPath(path, name),
      message: `the context ${name} for the build of ${service} is no folder: ${folder}`,
      hint: `create it, or correct ${joinPath(path, name)}`,
    });
  }
}

/** Throws `unsupported-key`: the builder would want to keep a whole store of contents here. */
function refuseCacheInFolder(service: string, { cacheExports }: Attributes): void {
  if (!cacheExports.some(({ type }) => type === 'local')) return;
  throw failure({
    code: 'unsupported-key',
    service,
    path: `services.${service}.build.cache_to`,
    message: `the build of ${service} is to keep its cache in a folder, which only builders of docker buildx do`,
    hint: 'keep it in a registry (type=registry) or in the image (type=inline), or name a builder with --builder',
  });
}

/**
 * Throws `unsupported-key` for what only an engine with containerd's image store can keep: the other store drops
 * attestations without a word, and refuses the rest when everything is built.
 */
async function refuseForStore(
  { service, build }: BuildImage,
  { frontend, cacheExports }: Attributes,
  engine: EngineConnection,
  signal: AbortSignal,
): Promise<void> {
  const wants = [
    ['platforms', (build.platforms?.length ?? 0) > 1],
    ['cache_to', cacheExports.some(({ type }) => type !== 'inline')],
    ['provenance', frontend['attest:provenance'] !== undefined],
    ['sbom', frontend['attest:sbom'] !== undefined],
  ] as const;
  const key = wants.find(([, wanted]) => wanted)?.[0];
  if (key === undefined || (await hasContainerdStore(engine, signal))) return;
  throw failure({
    code: 'unsupported-key',
    service,
    path: `services.${service}.build.${key}`,
    message: `the build of ${service} wants ${wishes[key]}, which the image store of the engine cannot keep`,
    hint: 'turn on the containerd image store: "features": {"containerd-snapshotter": true} in daemon.json',
  });
}

const wishes = {
  platforms: 'several platforms',
  cache_to: 'its cache exported',
  provenance: 'an attestation of its provenance',
  sbom: 'an attestation of what it is made of',
};

/** Whether images are kept by containerd, and not in the engine's own way. */
export async function hasContainerdStore(engine: EngineHttp, signal: AbortSignal): Promise<boolean> {
  const { DriverStatus } = (await engineInfo(engine, signal)).info;
  return DriverStatus?.some(([, value]) => value?.startsWith('io.containerd.snapshotter') === true) ?? false;
}
