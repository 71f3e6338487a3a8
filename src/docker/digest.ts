import { failure } from '../model/problem.ts';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';

/** What the registry of an image says its tag stands for now. Throws `image-not-found`, or the connection's own error. */
export async function imageDigest(engine: EngineHttp, image: string, signal: AbortSignal): Promise<string> {
  const auth = await engine.credentials?.forImage(image, signal);
  // Engines want the header, also when there is nothing to say.
  const headers = { 'X-Registry-Auth': auth ?? Buffer.from('{}').toString('base64') };
  try {
    const { Descriptor } = await call<Distribution>(engine, 'GET', `/distribution/${image}/json`, {
      headers,
      signal,
      // It asks a registry.
      slow: true,
    });
    return Descriptor.digest;
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    throw failure({
      code: 'image-not-found',
      message: `no digest of the image ${image} can be had`,
      hint: 'check its name and its tag; an image that needs a login: docker login',
      cause: error.said,
    });
  }
}

interface Distribution {
  readonly Descriptor: { readonly digest: string };
}
