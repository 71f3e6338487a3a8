import { type ImageName, readImageName } from '../model/image-name.ts';
import { composeVersion } from '../model/labels.ts';
import { failure, ProblemsError } from '../model/problem.ts';
import type { ProjectFile, PublishRequest, Registry } from '../model/registry.ts';
import {
  type Descriptor,
  digestOf,
  type Manifest,
  nameOf,
  type RegistryAccess,
  type RegistryClient,
  registryClient,
} from './client.ts';

/** The form in which Docker Compose keeps projects in registries. */
const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  project: 'application/vnd.docker.compose.project',
  stackFile: 'application/vnd.docker.compose.file+yaml',
  envFile: 'application/vnd.docker.compose.envfile',
  emptyConfig: 'application/vnd.oci.empty.v1+json',
  /** In the form of 1.0 it is the configuration that tells what a manifest is about. */
  emptyConfigOfProject: 'application/vnd.docker.compose.config.empty.v1+json',
};

const annotation = {
  version: 'com.docker.compose.version',
  file: 'com.docker.compose.file',
  extended: 'com.docker.compose.extends',
  envFile: 'com.docker.compose.envfile',
};

/** Registries as the place where projects are published. */
export function openRegistry(access: RegistryAccess): Registry {
  const client = registryClient(access);
  return {
    async digestOf(reference) {
      const name = readImageName(reference);
      return name.digest ?? client.resolve(name);
    },
    filesOf: (reference, digest) => filesOf(client, { ...readImageName(reference), digest }),
    publish: (request) => publish(client, request),
  };
}

async function filesOf(client: RegistryClient, name: ImageName): Promise<readonly ProjectFile[]> {
  const manifest = await projectIn(client, name, await client.manifest(name));
  const { artifactType = '', config, layers = [] } = read<ManifestContent>(manifest, name);
  const isProject =
    artifactType === '' ? config?.mediaType === types.emptyConfigOfProject : artifactType === types.project;
  if (!isProject) throw noProject(name, artifactType || config?.mediaType || manifest.mediaType);
  const files = await Promise.all(layers.map((layer) => fileIn(client, name, layer)));
  return files.filter((file) => file !== undefined);
}

interface ManifestContent {
  readonly artifactType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** The project among what an index names. */
async function projectIn(client: RegistryClient, name: ImageName, found: Manifest): Promise<Manifest> {
  if (found.mediaType !== types.index) return found;
  const { manifests = [] } = read<{ readonly manifests?: readonly Descriptor[] }>(found, name);
  const project = manifests.find(({ artifactType }) => artifactType === types.project);
  if (project === undefined) throw noProject(name, 'an index without a project');
  return client.manifest({ ...name, digest: project.digest });
}

async function fileIn(
  client: RegistryClient,
  name: ImageName,
  layer: Descriptor,
): Promise<ProjectFile | undefined> {
  const { mediaType, annotations = {} } = layer;
  if (mediaType !== types.stackFile && mediaType !== types.envFile) return undefined;
  const isExtended = annotations[annotation.extended] !== undefined;
  const kind = mediaType === types.envFile ? 'environment' : isExtended ? 'extended' : 'stack';
  const file = annotations[mediaType === types.envFile ? annotation.envFile : annotation.file] ?? '';
  return { kind, name: file, content: await client.blob(name, layer) };
}

async function publish(
  client: RegistryClient,
  { reference, files, ociVersion, images }: PublishRequest,
): Promise<void> {
  const name = readImageName(reference);
  if (name.digest !== undefined) {
    throw failure({
      code: 'invalid-value',
      message: `${reference} has a digest, which is known only once it is published`,
      hint: 'name a tag: HOST/NAME:TAG',
    });
  }
  await client.putBlob(name, Buffer.from('{}'));
  for (const { content } of files) await client.putBlob(name, Buffer.from(content));
  const project = await publishManifest(client, name, files.map(layerOf), ociVersion);
  if (images.length > 0) await publishImages(client, name, images, project);
}

async function publishManifest(
  client: RegistryClient,
  name: ImageName,
  layers: readonly Descriptor[],
  version: '1.0' | '1.1' | undefined,
): Promise<Descriptor> {
  const content = manifestOf(layers, version ?? '1.1');
  try {
    await client.putManifest(name, types.manifest, content);
    const artifactType = version === '1.0' ? {} : { artifactType: types.project };
    return {
      ...described(types.manifest, content),
      annotations: { [annotation.version]: composeVersion },
      ...artifactType,
    };
  } catch (error) {
    // An old registry knows nothing of the newer form.
    const isOld =
      error instanceof ProblemsError && error.problems.every(({ cause = '' }) => /^4(?!0[137])/.test(cause));
    if (version !== undefined || !isOld) throw error;
    return publishManifest(client, name, layers, '1.0');
  }
}

/** The keys are in the order in which Docker Compose writes them. */
function manifestOf(layers: readonly Descriptor[], version: '1.0' | '1.1'): Buffer {
  const isOld = version === '1.0';
  const config = Buffer.from('{}');
  return toJson({
    schemaVersion: 2,
    mediaType: types.manifest,
    ...(isOld ? {} : { artifactType: types.project }),
    config: {
      ...described(isOld ? types.emptyConfigOfProject : types.emptyConfig, config),
      data: config.toString('base64'),
    },
    layers,
    annotations: { 'org.opencontainers.image.created': `${new Date().toISOString().slice(0, 19)}Z` },
  });
}

function layerOf({ kind, name, content }: ProjectFile): Descriptor {
  const data = Buffer.from(content);
  const version = { [annotation.version]: composeVersion };
  return {
    ...described(kind === 'environment' ? types.envFile : types.stackFile, data),
    annotations:
      kind === 'environment'
        ? { [annotation.envFile]: name, ...version }
        : {
            ...(kind === 'extended' && { [annotation.extended]: 'true' }),
            [annotation.file]: name,
            ...version,
          },
    data: data.toString('base64'),
  };
}

/** Keeps images beside a project, so that they are there as long as it is. */
async function publishImages(
  client: RegistryClient,
  name: ImageName,
  images: readonly string[],
  subject: Descriptor,
): Promise<void> {
  const manifests: Descriptor[] = [];
  for (const image of images) {
    const source = readImageName(image);
    const { mediaType, digest, content } = await copyImage(client, source, name);
    // The name that containerd gives to what it has copied.
    const origin = `containerd.io/distribution.source.${source.host.replace(/:\d+$/, '')}`;
    manifests.push({ mediaType, digest, size: content.length, annotations: { [origin]: source.path } });
  }
  const content = toJson({
    schemaVersion: 2,
    mediaType: types.index,
    manifests,
    subject,
    annotations: { [annotation.version]: composeVersion },
  });
  await client.putManifest(untagged(name, digestOf(content)), types.index, content);
}

/** Copies a manifest and all that it names into another repository, under its digest. */
async function copyImage(client: RegistryClient, from: ImageName, to: ImageName): Promise<Manifest> {
  const manifest = await client.manifest(from);
  const {
    manifests = [],
    config,
    layers = [],
  } = read<ManifestContent & { readonly manifests?: readonly Descriptor[] }>(manifest, from);
  for (const { digest } of manifests) await copyImage(client, untagged(from, digest), to);
  for (const blob of [...(config === undefined ? [] : [config]), ...layers])
    await client.copyBlob(from, to, blob);
  await client.putManifest(untagged(to, manifest.digest), manifest.mediaType, manifest.content);
  return manifest;
}

function untagged({ host, path }: ImageName, digest: string): ImageName {
  return { host, path, digest };
}

function described(mediaType: string, content: Buffer): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function toJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function read<T>({ content }: Manifest, name: ImageName): T {
  try {
    return JSON.parse(content.toString('utf8')) as T;
  } catch {
    throw noProject(name, 'no JSON');
  }
}

function noProject(name: ImageName, what: string): ProblemsError {
  return failure({
    code: 'remote-failed',
    message: `${nameOf(name)} is no project that was published`,
    hint: 'publish one with: stack publish',
    cause: `it is ${what}`,
  });
}
