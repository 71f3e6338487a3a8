import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIgnore, type Ignore, parseDockerignore } from '../../../src/docker/build/dockerignore.ts';
import { compilePattern } from '../../../src/docker/build/pattern.ts';
import { openFolder, walk } from '../../../src/docker/build/walk.ts';
import { ProblemsError } from '../../../src/model/problem.ts';

const facts = readFileSync(path.join(import.meta.dirname, 'dockerignore.facts.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string]);
const [, treeText] = facts.shift() ?? [];
const tree = JSON.parse(treeText ?? '[]') as string[];

/** The builder hands a backslash before a letter to its regular expressions, where `\a` rings a bell; ours is an `a`. */
const different = ['["\\\\a"]'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ignore-'));
  for (const name of tree) {
    const file = path.join(folder, name);
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) await writeFile(file, '');
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe('createIgnore', () => {
  it('has facts to agree with', () => {
    expect(facts.length).toBeGreaterThan(300);
    expect(tree.length).toBeGreaterThan(30);
  });

  for (const [patternsText, expected] of facts) {
    if (different.includes(patternsText)) continue;
    it(`leaves out what a build leaves out: ${patternsText}`, async () => {
      const text = (JSON.parse(patternsText) as string[]).join('\n');
      if (expected === 'error') {
        expect(() => createIgnore(parseDockerignore(text))).toThrow(ProblemsError);
        return;
      }
      const ignore = createIgnore(parseDockerignore(text));
      const leftOut = await leftOutBy(ignore);
      expect(leftOut).toEqual(JSON.parse(expected));
      expect(await leftOutBy({ ...ignore, prunes: () => false })).toEqual(leftOut);
    });
  }

  it('matches in one go over a path what a regular expression matches', () => {
    const patterns = new Set(facts.flatMap(([text]) => JSON.parse(text) as string[]));
    for (const pattern of patterns) {
      const [steps, regex] = [compilePattern(pattern, 0), compilePattern(pattern, 100)];
      const matched = (by: typeof steps) => tree.filter((name) => by?.matches(name));
      expect([pattern, matched(steps)]).toEqual([pattern, matched(regex)]);
    }
  });

  it('takes ranges by the numbers of characters', () => {
    expect(createIgnore(['[\u{FEFF}-\u{1F600}]']).ignored('\u{1F5FF}')).toBe(true);
    expect(() => createIgnore(['[\u{10000}-\u{FEFF}]'])).toThrow('[\u{10000}-\u{FEFF}]');
  });

  it('is not held up by a pattern that is made for it', () => {
    for (const pattern of ['**/'.repeat(40), '*a'.repeat(40), '**a'.repeat(40), '?a?'.repeat(2000)])
      expect(createIgnore([`${pattern}z`]).ignored(`${'a/'.repeat(60)}${'a'.repeat(200)}`)).toBe(false);
  });

  it('enters ignored folders only for what may be brought back', () => {
    const { prunes } = createIgnore(['**/node_modules', 'build', 'docs/*', '!build/keep/*.txt', '!docs/a']);
    expect(prunes('node_modules')).toBe(true);
    expect(prunes('src/node_modules')).toBe(true);
    expect(prunes('src')).toBe(false);
    expect(prunes('build')).toBe(false);
    expect(prunes('build/keep')).toBe(false);
    expect(prunes('build/other')).toBe(true);
    expect(prunes('build/keep/deep')).toBe(true);
    expect(prunes('docs')).toBe(false);
    expect(prunes('docs/b')).toBe(true);
    expect(createIgnore([]).prunes('any')).toBe(false);
  });
});

describe('parseDockerignore', () => {
  it('drops comments, empty lines, a byte order mark and what does not count in paths', () => {
    const text = '\uFEFF# comment\r\n\r\n  /a/b/ \r\n! /c/../d\r\n # no comment\n//\n';
    expect(parseDockerignore(text)).toEqual(['a/b', '!d', '# no comment', '/']);
  });
});

/** In the form of the facts: sorted, a folder that is missing as a whole stands for what is in it. */
async function leftOutBy(ignore: Ignore): Promise<string[]> {
  const all = await names({ ignored: () => false, prunes: () => false });
  const kept = new Set(await names(ignore));
  const missing = all.filter((name) => !kept.has(name));
  return missing.filter((name) => !missing.some((above) => above !== name && isIn(above, name))).sort();
}

function isIn(folderName: string, name: string): boolean {
  return folderName.endsWith('/') && name.startsWith(folderName);
}

async function names(ignore: Ignore): Promise<string[]> {
  const found: string[] = [];
  for (const { name, kind } of walk(openFolder(folder), ignore))
    found.push(kind === 'folder' ? `${name}/` : name);
  return found;
}
