import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineRequest, labelled } from './api.ts';
import { lock, whenUnshared } from './lock.ts';
import { which } from './shell.ts';

/**
 * Runs tests on an engine and then removes whatever carries the tests' label: what a failed or killed test leaves must
 * not reach the next run. If other tests are running there, it is left to them; without flock(1) there are no others.
 */
export async function withoutLeftovers<T>(host: string, runTests: () => Promise<T>): Promise<T> {
  const id = createHash('sha256').update(host).digest('hex').slice(0, 8);
  const users = which('flock') && join(tmpdir(), `stack-test-${id}.lock`);
  const share = users && (await lock(users, 'shared', true));
  try {
    return await runTests();
  } finally {
    if (share) await share.release();
    if (users) await whenUnshared(users, () => removeLeftovers(host));
    else await removeLeftovers(host);
  }
}

/** The label that every test puts on what it makes in an engine. */
const testLabel = 'dev.stack.test';

async function removeLeftovers(host: string): Promise<void> {
  const list = <T>(path: string) => engineRequest<T>(host, 'GET', `${path}${labelled(testLabel)}`);
  const remove = (paths: readonly string[]) =>
    Promise.allSettled(paths.map((path) => engineRequest(host, 'DELETE', path)));
  const containers = await list<{ Id: string }[]>('/containers/json?all=1&');
  await remove(containers.map(({ Id }) => `/containers/${Id}?force=1&v=1`));
  const networks = await list<{ Id: string }[]>('/networks?');
  await remove(networks.map(({ Id }) => `/networks/${Id}`));
  const volumes = await list<{ Volumes: { Name: string }[] | null }>('/volumes?');
  await remove((volumes.Volumes ?? []).map(({ Name }) => `/volumes/${Name}?force=1`));
  const images = await list<{ Id: string }[]>('/images/json?all=1&');
  await remove(images.map(({ Id }) => `/images/${Id}?force=1`));
}
