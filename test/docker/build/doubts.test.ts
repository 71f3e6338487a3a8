import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDockerfile } from '../../../src/docker/build/inputs/dockerfile.ts';
import { findDoubts } from '../../../src/docker/build/inputs/doubts.ts';
import { findSources } from '../../../src/docker/build/sources.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function doubts(dockerfile: string): Promise<readonly string[]> {
  writeFileSync(path.join(folder, 'Dockerfile'), dockerfile);
  const build = { context: folder };
  const sources = await findSources('api', build);
  const action = { kind: 'build-image', service: 'api', image: 'x', build, labels: {} } as const;
  const found = await findDoubts(action, sources, readDockerfile(dockerfile), []);
  return found.map(({ message, location }) => `${location?.line ?? ''} ${message}`.trim());
}

test('a large context is told with its biggest folders', async () => {
  mkdirSync(path.join(folder, 'data'));
  for (const [name, size] of [
    ['data/a', 90_000_000],
    ['data/b', 60_000_000],
    ['video', 1_400_000],
    ['ignored', 900_000_000],
  ] as const) {
    writeFileSync(path.join(folder, name), '');
    truncateSync(path.join(folder, name), size);
  }
  writeFileSync(path.join(folder, '.dockerignore'), 'ignored');
  expect(await doubts('FROM a\nCOPY . /app\n')).toEqual([
    'the build context of api has 151 MB: data/ 150 MB',
  ]);
});

test('an install after all files is told, but not one that has its manifest before', async () => {
  writeFileSync(path.join(folder, '.dockerignore'), '');
  const late = 'copies all files before line 3 installs: each change of any file installs anew';
  expect(await doubts('FROM a\nCOPY . /app\nRUN cd /app && npm install\n')).toEqual([`2 line 2 ${late}`]);
  expect(await doubts('FROM a\nADD ./ /app\nRUN pip install -r requirements.txt\n')).toEqual([
    `2 line 2 ${late}`,
  ]);
  expect(await doubts('FROM a\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n')).toEqual(
    [],
  );
  expect(await doubts('FROM a\nCOPY . /app\nRUN make\n')).toEqual([]);
});

test('without an ignore file copying all is told', async () => {
  expect(await doubts('FROM a\nCOPY src /app\n')).toEqual([]);
  const [only = ''] = await doubts('FROM a\n\nCOPY . /app\n');
  expect(only).toMatch(/^3 line 3 copies all files, and there is no \.dockerignore/);
});
