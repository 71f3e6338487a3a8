import { randomBytes } from 'node:crypto';
import { copyPrefix } from '../model/labels.ts';
import type { CloneVolume } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { call, EngineRefusal } from './api.ts';
import { copyVolume } from './copy-volume.ts';
import type { EngineHttp } from './http.ts';
import { refusePart } from './part.ts';

/**
 * Puts into a new volume all that another one has. If it fails the volume goes, too: the next try is to find it missing, not
 * with half of the data.
 */
export async function cloneVolume(
  engine: EngineHttp,
  { volume, from, size = 0 }: CloneVolume,
  context: PerformContext,
): Promise<void> {
  let isDone = false;
  try {
    // The engine would make one that is not there, with nothing in it.
    await refuseMissing(engine, from, context.signal);
    const helper = `${copyPrefix}${randomBytes(6).toString('hex')}`;
    const copy = { from, to: volume, helper };
    const copied = await copyVolume(engine, copy, context);
    const bytes = copied.kind === 'whole' ? copied.bytes : 0;
    if (bytes < size)
      await refusePart(engine, { ...copy, hint: 'make its files readable for the engine' }, context.signal);
    isDone = true;
  } finally {
    const always = new AbortController().signal;
    if (!isDone) await call(engine, 'DELETE', `/volumes/${volume}`, { signal: always, accept: [404, 409] });
  }
}

async function refuseMissing(engine: EngineHttp, volume: string, signal: AbortSignal): Promise<void> {
  try {
    await call(engine, 'GET', `/volumes/${volume}`, { signal });
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
    throw failure({
      code: 'nothing-to-clone',
      message: `there is no volume ${volume} any more whose data could be copied`,
      hint: 'someone has removed it meanwhile; see what there is: docker volume ls',
    });
  }
}
