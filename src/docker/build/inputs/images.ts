import { call } from '../../api.ts';
import type { EngineHttp } from '../../http.ts';

/** What a build has to know of an image that it may begin with. */
export interface BaseImage {
  /** Absent if the engine does not have it. */
  readonly id?: string;
  /** It brings along instructions for builds (`ONBUILD`). */
  readonly instructs: boolean;
}

/** Asks for an image by its name. */
export type FindImage = (name: string) => Promise<BaseImage>;

interface Inspected {
  readonly Id?: string;
  readonly Config?: { readonly OnBuild?: readonly string[] | null } | null;
}

/** Asks the engine for each image once, however often it is asked for. */
export function findImages(engine: EngineHttp, signal: AbortSignal): FindImage {
  const asked = new Map<string, Promise<BaseImage>>();
  return (name) => {
    const found = asked.get(name) ?? findImage(name, engine, signal);
    asked.set(name, found);
    return found;
  };
}

async function findImage(name: string, engine: EngineHttp, signal: AbortSignal): Promise<BaseImage> {
  // What is no name at all cannot be there.
  const accept = [400, 404];
  const { Id, Config } = await call<Inspected>(engine, 'GET', `/images/${name}/json`, { signal, accept });
  return { ...(Id !== undefined && { id: Id }), instructs: (Config?.OnBuild ?? []).length > 0 };
}
