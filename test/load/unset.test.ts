import path from 'node:path';
import { expect, test } from 'vitest';
import type { LoadRequest } from '../../src/load/load.ts';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request } from './folder.ts';

const file = 'services:\n  a:\n    image: i\n    hostname: "$HOST_NAME"\n';
const usual = 'set HOST_NAME, or give a default: ${HOST_NAME:-default}';

async function told(files: Readonly<Record<string, string>>, more: Partial<LoadRequest> = {}) {
  const directory = folder({ 'compose.yaml': file, ...files });
  const problems = await problemsIn(loadStack(request(directory, more)));
  return problems.map(({ code, hint, related = [] }) => [
    code,
    hint,
    ...related.map(
      ({ location }) => location && `${path.relative(directory, location.file)}:${location.line}`,
    ),
  ]);
}

test('a variable that is nowhere is told with the usual advice', async () => {
  expect(await told({})).toEqual([['unset-variable', usual]]);
  expect(await told({ '.env.example': 'OTHER=1\nHOST_NAME=\n' })).toEqual([['unset-variable', usual]]);
});

test('the template of an env file is named', async () => {
  expect(await told({ '.env.example': '# x\nHOST_NAME=a\n' })).toEqual([
    ['unset-variable', 'copy HOST_NAME from .env.example to .env', '.env.example:2'],
  ]);
});

test('the env file of a service is named: it is for its containers only', async () => {
  const withFile = { 'compose.yaml': `${file}    env_file: a.env\n`, 'a.env': 'HOST_NAME=a\n' };
  const hint = 'put HOST_NAME into .env, or name the file with --env-file too';
  expect(await told({ ...withFile, '.env.example': 'HOST_NAME=a\n' })).toEqual([
    ['unset-variable', hint, 'a.env:1'],
  ]);
});

test('an env file of another folder is named', async () => {
  const files = ['sub/compose.yaml'];
  expect(
    await told(
      { 'sub/compose.yaml': file, 'sub/.env': 'HOST_NAME=a\n' },
      { files, projectDirectory: '.', environment: {} },
    ),
  ).toEqual([['unset-variable', expect.stringMatching(/--env-file sub.\.env$/), path.join('sub', '.env:1')]]);
});

test('so it is for a variable without which nothing works', async () => {
  expect(
    await told({
      'compose.yaml': file.replace('$HOST_NAME', '${HOST_NAME:?}'),
      '.env.local': 'HOST_NAME=a\n',
    }),
  ).toEqual([['missing-variable', 'name the file with --env-file .env.local', '.env.local:1']]);
});
