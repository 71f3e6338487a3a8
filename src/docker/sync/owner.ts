import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { EngineRefusal } from '../api.ts';
import { readArchive } from '../archive.ts';
import type { Owner } from '../entry.ts';
import type { EngineHttp } from '../http.ts';
import { untar } from '../streams/untar.ts';

/**
 * Who is to own files so that the first process of a container can read them; `undefined` for root, who can read all.
 * Names are those of the container: engines look for them on their own machine.
 */
export async function ownerInside(
  engine: EngineHttp,
  { Id: container, Config }: Pick<Docker.ContainerInspectInfo, 'Id' | 'Config'>,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const [user = '', group] = Config.User.split(':');
  if (user === '' || user === 'root' || user === '0') return undefined;
  const accounts = await readTable(engine, container, '/etc/passwd', signal);
  const account = accounts.find(([name, , uid]) => name === user || uid === user);
  const uid = Number(account?.[2] ?? user);
  if (!Number.isInteger(uid)) return undefined;
  if (group === undefined || group === '') return { uid, gid: Number(account?.[3] ?? 0) };
  if (/^\d+$/.test(group)) return { uid, gid: Number(group) };
  const groups = await readTable(engine, container, '/etc/group', signal);
  return { uid, gid: Number(groups.find(([name]) => name === group)?.[2] ?? 0) };
}

/** The fields of each line of such a file; none if there is no file. */
async function readTable(
  engine: EngineHttp,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  try {
    const { content } = await readArchive(engine, container, path, signal);
    for await (const entry of untar(content)) {
      const lines = (await text(entry)).split('\n');
      return lines.map((line) => line.split(':'));
    }
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
  }
  return [];
}
