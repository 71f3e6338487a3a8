import { holderPrefix, label } from '../model/labels.ts';
import type { KeptVolume, Trash, UnfinishedHolder, WeighedVolume } from '../model/observed.ts';
import type { ForgetVolume, KeepVolume } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { PerformContext } from '../model/runtime.ts';
import { call, EngineRefusal } from './api.ts';
import { copyVolume, removeHelper } from './copy-volume.ts';
import type { EngineHttp } from './http.ts';
import { refusePart } from './part.ts';

/**
 * What removed volumes had, kept by the engine itself in volumes of ours: it survives this machine's own files and is seen by
 * all who use the engine. A volume cannot be renamed, nor can its labels change. So the data is copied into a holder, and
 * once that has all of it an empty volume is made, the receipt, whose label says what it is: without a receipt a holder is
 * nothing but the rest of a copy that was broken off.
 */

/**
 * Keeps what a volume has. If that fails, nothing is left of the attempt and the volume is as it was. One that has nothing
 * leaves nothing.
 */
export async function keepVolume(
  engine: EngineHttp,
  { volume, limit, content }: KeepVolume,
  context: PerformContext,
): Promise<void> {
  const { project, signal, doubt, progress } = context;
  const { holder, name } = volume;
  let isKept = false;
  try {
    const Labels = { [label.trash]: project };
    await call(engine, 'POST', '/volumes/create', { body: { Name: holder, Labels }, signal });
    const copy = { from: name, to: holder, helper: helperOf(holder), ...(limit !== undefined && { limit }) };
    const copied = await copyVolume(engine, copy, context);
    const has = copied.kind === 'whole' ? copied.content : 0;
    if (copied.kind !== 'over' && has < (content ?? 1))
      await refusePart(
        engine,
        { ...copy, hint: `make its files readable for the engine, or ${forGood}` },
        signal,
      );
    if (copied.kind === 'whole') {
      await makeReceipt(engine, { ...volume, size: copied.bytes }, signal);
      isKept = true;
    } else if (copied.kind === 'over') {
      doubt?.({
        code: 'volume-not-kept',
        severity: 'warning',
        message: `volume ${name} has more than is kept of removed volumes: it goes for good`,
        hint: 'STACK_TRASH_SIZE says how much is kept: STACK_TRASH_SIZE=20g',
      });
    } else progress({ text: 'it is empty' });
  } catch (error) {
    throw withoutRoom(error, name) ?? error;
  } finally {
    if (!isKept) {
      const always = new AbortController().signal;
      await call(engine, 'DELETE', `/volumes/${holder}`, { signal: always, accept: [404, 409] });
    }
  }
}

/** The receipt goes first: what has none counts as not kept. */
export async function forgetVolume(
  engine: EngineHttp,
  { holder }: ForgetVolume,
  signal: AbortSignal,
): Promise<void> {
  await removeHelper(engine, helperOf(holder), signal);
  for (const volume of [receiptOf(holder), holder])
    await call(engine, 'DELETE', `/volumes/${volume}`, { signal, accept: [404, 409] });
}

function makeReceipt(engine: EngineHttp, volume: KeptVolume, signal: AbortSignal): Promise<void> {
  const Labels = { [label.trash]: volume.project, [label.kept]: JSON.stringify(volume) };
  const body = { Name: receiptOf(volume.holder), Labels };
  return call(engine, 'POST', '/volumes/create', { body, signal });
}

function receiptOf(holder: string): string {
  return `${holder}-whole`;
}

function helperOf(holder: string): string {
  return `${holder}-copy`;
}

/**
 * What the volumes of an engine say of what is kept. Labels are anybody's to write: they are believed only of what has such a
 * name as volumes of ours and was made for no stack, whose file could give it both; and of a receipt only what it says of its
 * own holder.
 */
export function trashAmong(all: readonly Pick<WeighedVolume, 'name' | 'labels' | 'created'>[]): Trash {
  const volumes = all.filter(({ name, labels }) => ofOurs.test(name) && labels[label.volume] === undefined);
  const holders = new Set(volumes.map(({ name }) => name));
  const kept = volumes
    .flatMap(({ name, labels }) => keptBy(name, labels[label.kept]))
    .filter((one) => holders.has(one.holder));
  const whole = new Set(kept.flatMap(({ holder }) => [holder, receiptOf(holder)]));
  const unfinished = volumes.flatMap(({ name, labels, created }): UnfinishedHolder[] => {
    const project = labels[label.trash];
    if (project === undefined || whole.has(name)) return [];
    return [{ holder: name, project, created: created ?? 0 }];
  });
  return { kept: kept.toSorted((a, b) => b.at - a.at), unfinished };
}

const ofOurs = new RegExp(`^${holderPrefix}[0-9a-f]+-[0-9]+(?:-whole)?$`);

function keptBy(receipt: string, text: string | undefined): readonly KeptVolume[] {
  try {
    const kept: unknown = JSON.parse(text ?? '');
    return isKept(kept) && receipt === receiptOf(kept.holder) ? [kept] : [];
  } catch {
    return [];
  }
}

/** Nothing is ever kept of a volume that shows files of the machine. */
function isKept(value: unknown): value is KeptVolume {
  const { id, holder, name, project, was = '', at, size, created = 0, labels, options } = Object(value);
  return (
    [id, holder, name, project, was].every((one) => typeof one === 'string') &&
    [at, size, created].every(Number.isFinite) &&
    [labels, options].every(isTexts) &&
    options.device === undefined
  );
}

function isTexts(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string')
  );
}

const forGood = 'let it go for good: STACK_TRASH_SIZE=0 stack down --volumes';

function withoutRoom(error: unknown, volume: string): Error | undefined {
  if (!(error instanceof EngineRefusal) || !/no space left|disk quota exceeded/i.test(error.said))
    return undefined;
  return failure({
    code: 'disk-short',
    message: `the engine has no room to keep what volume ${volume} has, so the volume stays`,
    hint: `free some room (stack gc --all), or ${forGood}`,
    cause: error.said,
  });
}
