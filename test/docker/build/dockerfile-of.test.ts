import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dockerfileOf } from '../../../src/docker/build/solve.ts';
import { findSources } from '../../../src/docker/build/sources.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const context = path.join(folder, 'app');
mkdirSync(path.join(context, 'docker'), { recursive: true });
mkdirSync(path.join(folder, 'keys'));
for (const file of ['app/Dockerfile', 'app/docker/web', 'keys/Dockerfile', 'keys/id_rsa'])
  writeFileSync(path.join(folder, file), `# ${file}`);
symlinkSync('../keys', path.join(context, 'linked'));

async function shared(dockerfile: string, where = context): Promise<unknown> {
  const { folders } = dockerfileOf(await findSources('web', { context: where, dockerfile }));
  const { dockerfile: own } = folders;
  return own instanceof Map ? Object.fromEntries([...own].map(([name, text]) => [name, String(text)])) : own;
}

test('the builder sees the folder of a Dockerfile that is part of the context', async () => {
  expect(await shared('Dockerfile')).toBe(context);
  expect(await shared('docker/web')).toBe(path.join(context, 'docker'));
});

test('of one that is elsewhere it sees nothing that lies beside it', async () => {
  const alone = { Dockerfile: '# keys/Dockerfile' };
  expect(await shared('../keys/Dockerfile')).toEqual(alone);
  expect(await shared('linked/Dockerfile')).toEqual(alone);
  expect(await shared(path.join(folder, 'keys/Dockerfile'), 'https://git.example/x.git')).toEqual(alone);
  writeFileSync(path.join(folder, 'keys/Dockerfile.dockerignore'), 'logs\n');
  const both = { ...alone, 'Dockerfile.dockerignore': 'logs\n' };
  expect(await shared('../keys/Dockerfile')).toEqual(both);
  expect(await shared(path.join(folder, 'keys/Dockerfile'), 'https://git.example/x.git')).toEqual(both);
});
