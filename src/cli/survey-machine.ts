import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MachineFacts } from '../model/facts.ts';
import { lockFolder } from './lock.ts';

/** What of this machine commands depend on. */
export async function surveyMachine(): Promise<MachineFacts> {
  const [lock, watches, instances] = await Promise.all([
    surveyLocks(),
    readLimit('max_user_watches'),
    readLimit('max_user_instances'),
  ]);
  return {
    nodeVersion: process.versions.node,
    lockFolder: lock,
    ...(watches === undefined || instances === undefined ? {} : { inotify: { watches, instances } }),
  };
}

async function surveyLocks(): Promise<MachineFacts['lockFolder']> {
  const folder = lockFolder();
  const rights = constants.W_OK | constants.X_OK;
  try {
    await access(folder, rights).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await access(path.dirname(folder), rights);
    });
    return { path: folder };
  } catch (error) {
    return { path: folder, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Of inotify, by which Linux tells of changed files; other systems have no such limits. */
async function readLimit(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}
