import type { BuildImage } from '../../../model/plan.ts';
import type { EngineHttp } from '../../http.ts';
import type { BuildSources } from '../sources.ts';
import { imageIdOf, readImageIds, readOwnInputs } from './inputs.ts';
import { keepRecord } from './records.ts';

/** Finding out what a build is made from, beside the build. */
export interface Recording {
  /** The image is there: what it was made from is kept. Never throws. */
  keep(): Promise<void>;
  /** There is no image. */
  drop(): void;
}

/**
 * Begins to read what a build is made from. What changes from now on may have come into the image or not: the record says so,
 * and the next look at it finds it changed.
 */
export function startRecording(
  { action, sources }: { readonly action: BuildImage; readonly sources: BuildSources },
  engine: EngineHttp,
  signal: AbortSignal,
): Recording {
  const dropped = new AbortController();
  const until = AbortSignal.any([signal, dropped.signal]);
  const own = readOwnInputs({ action, sources, began: Date.now() }, until);
  own.catch(() => {});
  return {
    async keep() {
      try {
        const inputs = await own;
        // Some builders pull images while they build.
        const [imageId, images] = await Promise.all([
          imageIdOf(action.image, engine, until),
          readImageIds({ action, sources }, engine, until),
        ]);
        if (imageId !== undefined)
          await keepRecord(imageId, { ...inputs, images, given: action.given ?? [] });
      } catch {
        // The image is built; that nothing is known of it leads to a word at the next look at it.
      }
    },
    drop: () => dropped.abort(),
  };
}
