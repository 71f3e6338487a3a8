import { createHash } from 'node:crypto';
import { call } from '../api.ts';
import type { EngineHttp } from '../http.ts';
import { encodeMessage, mapField } from './grpc/protobuf.ts';

/** An image of the engine as a build takes it for one of its contexts. */
export interface BaseInput {
  /** In BuildKit's own language (`pb.Definition`): take this image, and wherever else one of its name is, not that. */
  readonly definition: Buffer;
  /** What the frontend has to know of the image, as JSON. */
  readonly metadata: string;
}

/**
 * An image that was built for a service, for the build of another one. As the name of an image it would be looked for in
 * a registry as soon as newer base images are asked for. Throws `EngineRefusal` if it is not there, and is not optional.
 */
export async function baseInput(
  image: string,
  engine: EngineHttp,
  { optional, signal }: { readonly optional: boolean; readonly signal: AbortSignal },
): Promise<BaseInput> {
  const accept = optional ? [404] : [];
  const found = await call<Partial<Inspected>>(engine, 'GET', `/images/${image}/json`, { signal, accept });
  const source = encodeMessage([
    [1, `docker-image://${wholeName(image)}`],
    ...mapField(2, { 'image.resolvemode': 'local' }),
  ]);
  const platform = encodeMessage([
    [1, found.Architecture],
    [2, found.Os],
    [3, found.Variant],
  ]);
  const take = encodeMessage([
    [3, source],
    [10, platform],
  ]);
  const digest = `sha256:${createHash('sha256').update(take).digest('hex')}`;
  const result = encodeMessage([[1, encodeMessage([[1, digest]])]]);
  const config = {
    architecture: found.Architecture,
    os: found.Os,
    ...(found.Variant && { variant: found.Variant }),
    config: found.Config,
    rootfs: { type: 'layers', diff_ids: found.RootFS?.Layers },
  };
  return {
    definition: encodeMessage([
      [1, take],
      [1, result],
      // A definition about which nothing at all is known counts as none.
      [
        2,
        encodeMessage([
          [1, digest],
          [2, Buffer.alloc(0)],
        ]),
      ],
    ]),
    metadata: JSON.stringify({
      'containerimage.config': Buffer.from(JSON.stringify(config)).toString('base64'),
    }),
  };
}

interface Inspected {
  readonly Architecture: string;
  readonly Os: string;
  readonly Variant?: string;
  readonly Config: object;
  readonly RootFS?: { readonly Layers?: readonly string[] };
}

/** With registry and tag, as the builder keeps its images. */
function wholeName(image: string): string {
  const first = image.split('/')[0] ?? '';
  const hasHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const name = hasHost ? image : `docker.io/${image.includes('/') ? image : `library/${image}`}`;
  return /[:@][^/]*$/.test(name.slice(name.lastIndexOf('/'))) ? name : `${name}:latest`;
}
