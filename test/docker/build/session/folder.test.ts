import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwantedIn, type Wanted } from '../../../../src/docker/build/session/folder.ts';
import { openFolder, walk } from '../../../../src/docker/build/walk.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'folder-'));
  for (const name of ['a/b/c.txt', 'a/d.txt', 'e/f.txt', 'e/g.md', 'h.txt']) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), '');
  }
  await symlink('e', path.join(folder, 'to-e'));
  await symlink('../h.txt', path.join(folder, 'a/to-h'));
  await symlink('/../../a/b', path.join(folder, 'out'));
  await symlink('deep/x', path.join(folder, 'deep'));
  await symlink('round', path.join(folder, 'round'));
});

afterEach(() => rm(folder, { recursive: true }));

async function told(wanted: Partial<Wanted>): Promise<readonly string[]> {
  const unwanted = await unwantedIn(folder, { includes: [], excludes: [], follows: [], ...wanted });
  const names: string[] = [];
  for (const { name } of walk(openFolder(folder), unwanted)) names.push(name);
  return names;
}

test.each<[string, Partial<Wanted>, readonly string[]]>([
  ['one file, with the folders it is in', { follows: ['a/b/c.txt'] }, ['a', 'a/b', 'a/b/c.txt']],
  ['a pattern', { follows: ['?/?.txt'] }, ['a', 'a/d.txt', 'e', 'e/f.txt']],
  ['a link behind a pattern', { follows: ['*/f.txt'] }, ['deep', 'e', 'e/f.txt', 'out', 'round', 'to-e']],
  ['a folder', { includes: ['e'] }, ['e', 'e/f.txt', 'e/g.md']],
  ['without what is excluded', { includes: ['e'], excludes: ['**/*.md'] }, ['e', 'e/f.txt']],
  ['a link and where it leads', { follows: ['to-e/f.txt'] }, ['e', 'e/f.txt', 'to-e']],
  ['links that a pattern matches', { follows: ['a/to-*'] }, ['a', 'a/to-h', 'h.txt']],
  ['a link that leads out leads to the top', { follows: ['out'] }, ['a', 'a/b', 'a/b/c.txt', 'out']],
  ['a link to itself', { follows: ['round'] }, ['round']],
  ['a link into itself', { follows: ['deep/x'] }, ['deep']],
  ['what is not there', { follows: ['nosuch', 'h.txt/x'] }, []],
])('%s', async (_, wanted, names) => {
  expect(await told(wanted)).toEqual(names);
});

test.each(['/', '.', './'])('%j is everything', async (all) => {
  expect(await told({ follows: [all] })).toEqual(await told({}));
});
