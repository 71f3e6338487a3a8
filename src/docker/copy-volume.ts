import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { copyPrefix, holderPrefix, label } from '../model/labels.ts';
import type { BrokenCopy, ObservedContainer } from '../model/observed.ts';
import type { EndCopy } from '../model/plan.ts';
import type { PerformContext } from '../model/runtime.ts';
import { call, EngineRefusal, readRefusal } from './api.ts';
import { readArchive, writeArchive } from './archive.ts';
import type { EngineHttp } from './http.ts';
import { createTarScale, type TarScale } from './streams/tar-scale.ts';

export interface VolumeCopy {
  readonly from: string;
  readonly to: string;
  /** Bytes; what has more is not copied. */
  readonly limit?: number;
  /** What the image and the containers are known by that it takes; they are removed at the end. */
  readonly helper: string;
}

/** What became of it: `empty` and `over` leave the target as it was, or with a part. */
export type Copied =
  | {
      readonly kind: 'whole';
      /** Those that it took. */
      readonly bytes: number;
      /** Those of the files among them, as engines count them. */
      readonly content: number;
    }
  | { readonly kind: 'empty' | 'over' };

/**
 * Puts into a volume all that another one has, by the engine's own way of handing files over: through containers that never
 * start, of an image with nothing in it. There is one for either volume: the engine writes to none that it still reads.
 * Containers that write meanwhile pause, so that what is copied is of one moment.
 */
export async function copyVolume(
  engine: EngineHttp,
  { from, to, limit = Number.POSITIVE_INFINITY, helper }: VolumeCopy,
  context: PerformContext,
): Promise<Copied> {
  const { signal, progress } = context;
  const always = new AbortController().signal;
  let paused: readonly User[] = [];
  const reading = new AbortController();
  try {
    await makeEmptyImage(engine, helper, signal);
    const { reader, writer } = helpersOf(helper);
    const users = await usersOf(engine, from, signal);
    const mark = JSON.stringify({ from, to, paused: users.map(({ id }) => id) });
    await makeHelper(engine, { name: reader, image: helper, volume: `${from}:/at/all:ro`, mark }, context);
    paused = await pause(engine, users, signal);
    const names = paused.map(({ name }) => name).join(', ');
    progress({ text: names === '' ? 'copying' : `copying, while ${names} pause` });
    // By its name, not by a dot: so that the owner and the mode of the folder itself count, too.
    const { content } = await readArchive(
      engine,
      reader,
      '/at/all',
      AbortSignal.any([signal, reading.signal]),
    );
    const counted = { bytes: 0 };
    const scale = createTarScale();
    try {
      const some = await withEntries(countedUpTo(limit, content, counted, scale), scale);
      if (some === undefined) return { kind: 'empty' };
      await makeHelper(
        engine,
        { name: writer, image: helper, volume: `${to}:/at/all:nocopy`, mark },
        context,
      );
      const written = { container: writer, path: '/at', content: some, keepOwners: false };
      await writeArchive(engine, written, signal);
    } catch (error) {
      if (counted.bytes > limit) return { kind: 'over' };
      throw error;
    }
    return { kind: 'whole', bytes: counted.bytes, content: scale.content() };
  } finally {
    // The engine removes no container that it still reads.
    reading.abort();
    // Whatever has happened: nobody stays paused.
    await Promise.allSettled(paused.map(({ id }) => unpause(engine, id, always)));
    await removeHelper(engine, helper, always);
  }
}

function helpersOf(helper: string): { readonly reader: string; readonly writer: string } {
  return { reader: `${helper}-from`, writer: `${helper}-to` };
}

interface Helper {
  readonly name: string;
  readonly image: string;
  /** As the engine binds it. */
  readonly volume: string;
  /** See `label.copying`. */
  readonly mark: string;
}

/** Whoever looks at the project finds it, and what it is for, but takes it for no service of that. */
async function makeHelper(
  engine: EngineHttp,
  { name, image, volume, mark }: Helper,
  { project, signal }: PerformContext,
): Promise<void> {
  const HostConfig = { Binds: [volume], NetworkMode: 'none' };
  const Labels = {
    [label.project]: project,
    [label.oneOff]: 'True',
    [label.trash]: project,
    [label.copying]: mark,
  };
  const body = { Image: image, Cmd: ['none'], HostConfig, Labels };
  await call(engine, 'POST', '/containers/create', { query: { name }, body, signal });
}

/** Removes the containers and the image that a copy took, if they are there. */
export async function removeHelper(engine: EngineHttp, helper: string, signal: AbortSignal): Promise<void> {
  const options = { signal, repeatable: true, accept: [404, 409] } as const;
  const { reader, writer } = helpersOf(helper);
  await Promise.all(
    [reader, writer].map((name) =>
      call(engine, 'DELETE', `/containers/${name}`, { query: { force: '1' }, ...options }),
    ),
  );
  await call(engine, 'DELETE', `/images/${helper}`, options);
}

/**
 * The copies that containers of a project are left of. Labels and names are anybody's: they are believed together only, of what
 * is no container of a service, to which a stack file could give both.
 */
export function brokenCopiesAmong(
  containers: readonly Pick<ObservedContainer, 'name' | 'labels'>[],
): readonly BrokenCopy[] {
  const found = containers.flatMap(({ name, labels }) => {
    const helper = ofCopies.exec(name)?.[1];
    const mark = labels[label.copying];
    const isOurs = labels[label.oneOff] === 'True' && labels[label.service] === undefined;
    if (helper === undefined || mark === undefined || !isOurs) return [];
    return readMark(mark).map((copy) => [helper, { helper, ...copy }] as const);
  });
  return [...new Map(found).values()];
}

function readMark(mark: string): readonly Omit<BrokenCopy, 'helper'>[] {
  try {
    const { from, to, paused }: Record<string, unknown> = JSON.parse(mark);
    if (!isName(from) || !isName(to) || !Array.isArray(paused) || !paused.every(isName)) return [];
    return [{ from, to, paused }];
  } catch {
    return [];
  }
}

/** What engines give as names and ids: nothing that would lead elsewhere in an address. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-zA-Z0-9][\w.-]*$/.test(value);
}

const ofCopies = new RegExp(`^(${copyPrefix}[0-9a-f]{12}|${holderPrefix}[0-9a-f]+-[0-9]+-copy)-(?:from|to)$`);

/** Repeating it is no error. */
export async function endCopy(
  engine: EngineHttp,
  { helper, paused, to, removes }: EndCopy,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(paused.map((id) => unpause(engine, id, signal)));
  await removeHelper(engine, helper, signal);
  if (removes) await call(engine, 'DELETE', `/volumes/${to}`, { signal, accept: [404] });
}

/** One that is gone, or does not pause, is no failure. */
async function unpause(engine: EngineHttp, id: string, signal: AbortSignal): Promise<void> {
  try {
    await call(engine, 'POST', `/containers/${id}/unpause`, { signal, repeatable: true });
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
  }
}

interface User {
  readonly id: string;
  readonly name: string;
}

/** Containers that run and can write to a volume. */
async function usersOf(engine: EngineHttp, volume: string, signal: AbortSignal): Promise<readonly User[]> {
  const filters = JSON.stringify({ volume: [volume], status: ['running'] });
  const users = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', {
    query: { filters },
    signal,
  });
  return users
    .filter(({ Mounts }) => Mounts.some(({ Name, RW }) => Name === volume && RW))
    .map(({ Id, Names }) => ({ id: Id, name: (Names[0] ?? Id).replace(/^\//, '') }));
}

/** Gives those that pause then, or may. */
async function pause(
  engine: EngineHttp,
  users: readonly User[],
  signal: AbortSignal,
): Promise<readonly User[]> {
  // One that ends meanwhile, or that cannot be paused, is no reason to stop. Where no answer came the engine may have done it.
  const tried = await Promise.all(
    users.map((user) =>
      call(engine, 'POST', `/containers/${user.id}/pause`, { signal }).then(
        () => [user],
        (error: unknown) => (error instanceof EngineRefusal ? [] : [user]),
      ),
    ),
  );
  return tried.flat();
}

/** Makes an image out of an empty tar, whatever images the engine has. */
async function makeEmptyImage(engine: EngineHttp, name: string, signal: AbortSignal): Promise<void> {
  const answer = await engine.request({
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo: name },
    headers: { 'Content-Type': 'application/x-tar' },
    body: Buffer.alloc(1024),
    signal,
  });
  if (answer.status >= 300) throw await readRefusal(answer);
  // It is done when all has been told.
  await finished(answer.body.resume());
}

async function* countedUpTo(
  limit: number,
  content: AsyncIterable<Buffer>,
  counted: { bytes: number },
  scale: TarScale,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    counted.bytes += chunk.length;
    scale.add(chunk);
    if (counted.bytes > limit) throw new Error('more than is to be copied');
    yield chunk;
  }
}

/** A tar of a folder as it is, or undefined if the folder is empty. */
async function withEntries(
  content: AsyncGenerator<Buffer>,
  scale: TarScale,
): Promise<AsyncIterable<Buffer> | undefined> {
  const read: Buffer[] = [];
  // The folder itself is one.
  while (scale.entries() < 2) {
    const next = await content.next();
    if (next.done === true) return undefined;
    read.push(next.value);
  }
  return whole(read, content);
}

async function* whole(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}
