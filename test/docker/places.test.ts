import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { keepFile, placeOf } from '../../src/docker/places.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('states and caches are where the XDG specification has them, which knows no relative places', () => {
  vi.spyOn(os, 'homedir').mockReturnValue('/home/me');
  vi.stubEnv('XDG_STATE_HOME', '/states');
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  expect([placeOf('state'), placeOf('cache')]).toEqual(['/states/stack', '/home/me/.cache/stack']);
  vi.stubEnv('XDG_STATE_HOME', 'states');
  vi.stubEnv('XDG_CACHE_HOME', './caches');
  expect([placeOf('state'), placeOf('cache')]).toEqual([
    '/home/me/.local/state/stack',
    '/home/me/.cache/stack',
  ]);
});

test('for a user without a home nothing is kept', async () => {
  vi.spyOn(os, 'homedir').mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  vi.stubEnv('XDG_STATE_HOME', undefined);
  await expect(keepFile(path.join(placeOf('state'), 'x'), 'y')).rejects.toThrow('ENOTDIR');
});
