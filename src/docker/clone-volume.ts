import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { CloneVolume } from '../model/plan.ts';
import type { PerformContext } from '../model/runtime.ts';
import { call, readRefusal } from './api.ts';
import { readArchive, writeArchive } from './archive.ts';
import type { EngineHttp } from './http.ts';

/**
 * Puts into a volume all that another one has, by the engine's own way of handing files over: through a container that has
 * both and never starts, of an image with nothing in it. Containers that write meanwhile pause, so that what is copied is of
 * one moment. If it fails the volume goes, too: the next try is to find it missing, not with half of the data.
 */
export async function cloneVolume(
  engine: EngineHttp,
  { volume, from }: CloneVolume,
  { signal, progress }: PerformContext,
): Promise<void> {
  const always = new AbortController().signal;
  const image = await emptyImage(engine, signal);
  let helper: string | undefined;
  let paused: readonly string[] = [];
  let isDone = false;
  try {
    const HostConfig = { Binds: [`${from}:/from:ro`, `${volume}:/to:nocopy`], NetworkMode: 'none' };
    const body = { Image: image, Cmd: ['none'], HostConfig };
    helper = (await call<{ Id: string }>(engine, 'POST', '/containers/create', { body, signal })).Id;
    paused = await pauseUsers(engine, from, signal);
    progress({ text: paused.length === 0 ? 'copying' : `copying, while ${paused.join(', ')} pause` });
    const { content } = await readArchive(engine, helper, '/from/.', signal);
    await writeArchive(engine, { container: helper, path: '/to', content, keepOwners: false }, signal);
    isDone = true;
  } finally {
    // Whatever has happened: nobody stays paused.
    await Promise.allSettled(
      paused.map((name) => call(engine, 'POST', `/containers/${name}/unpause`, { signal: always })),
    );
    if (helper !== undefined)
      await call(engine, 'DELETE', `/containers/${helper}`, {
        query: { force: '1' },
        signal: always,
        accept: [404],
      });
    await call(engine, 'DELETE', `/images/${image}`, { signal: always, accept: [404, 409] });
    if (!isDone) await call(engine, 'DELETE', `/volumes/${volume}`, { signal: always, accept: [404, 409] });
  }
}

/** Containers that run and can write to a volume, by name, once they are paused. */
async function pauseUsers(
  engine: EngineHttp,
  volume: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const filters = JSON.stringify({ volume: [volume], status: ['running'] });
  const users = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', {
    query: { filters },
    signal,
  });
  const names = users
    .filter(({ Mounts }) => Mounts.some(({ Name, RW }) => Name === volume && RW))
    .map(({ Id, Names }) => (Names[0] ?? Id).replace(/^\//, ''));
  // One that ends meanwhile, or that cannot be paused, is no reason to stop.
  const tried = await Promise.all(
    names.map((name) =>
      call(engine, 'POST', `/containers/${name}/pause`, { signal }).then(
        () => [name],
        () => [],
      ),
    ),
  );
  return tried.flat();
}

/** Makes an image out of an empty tar, whatever images the engine has. */
async function emptyImage(engine: EngineHttp, signal: AbortSignal): Promise<string> {
  const name = `stack-nothing-${randomBytes(6).toString('hex')}`;
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
  return name;
}
