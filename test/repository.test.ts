import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const repository = path.resolve(import.meta.dirname, '..');

/** What has to hold of the whole repository; each says itself what is wrong. */
const checks: Readonly<Record<string, readonly string[]>> = {
  'the types fit': ['tsc', '--noEmit', '-p', '.'],
  'style and formatting are clean': ['biome', 'check', '--error-on-warnings', '.'],
  'no export, file or dependency is unused': ['knip'],
};

test.each(Object.entries(checks))(
  '%s',
  (_, [tool = '', ...words]) => {
    const program = path.join(repository, 'node_modules/.bin', tool);
    const { status, stdout, stderr, error } = spawnSync(program, words, {
      cwd: repository,
      encoding: 'utf8',
    });
    expect({ status, error, said: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({
      status: 0,
      error: undefined,
      said: '',
    });
  },
  120_000,
);
