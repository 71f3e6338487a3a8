import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of this repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that is worth keeping between runs; deleting it costs the next run a download and a few builds. */
export const cache =
  process.env.STACK_LAB_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stack-dev-lab');

/** Tells the labs of different caches apart in the names that a machine has only once. */
export const labId = createHash('sha256').update(cache).digest('hex').slice(0, 6);

/** Sockets and the state of what is running. Short, because a socket's path holds 107 characters. */
export const runtime = `/run/stack-dev-lab/${labId}`;
