import type { BuildImage } from '../../../model/plan.ts';
import type { EngineHttp } from '../../http.ts';
import type { BuildSources } from '../sources.ts';
import { findImages } from './images.ts';
import { readImageIds, readOwnInputs, seeOwnInputs } from './inputs.ts';
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
  const own = seeOwnInputs({ action, sources, began: Date.now() }, until).then(readOwnInputs);
  own.catch(() => {});
  return {
    async keep() {
      try {
        const inputs = await own;
        // Some builders pull images while they build.
        const find = findImages(engine, until);
        const [{ id }, images] = await Promise.all([
          find(action.image),
          readImageIds({ action, sources }, find),
        ]);
        if (id !== undefined) await keepRecord(id, { ...inputs, images, given: action.given ?? [] });
      } catch {
        // The image is built; that nothing is known of it leads to a word at the next look at it.
      }
    },
    drop: () => dropped.abort(),
  };
}
