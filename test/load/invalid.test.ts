import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { formatProblems } from '../../src/report/problems.ts';

// What a user reads of each stack in fixtures/invalid. `UPDATE=1` writes the words anew; read them before you commit.
const root = path.resolve('fixtures/invalid');

/** Services that are named on the command line. */
const named: Readonly<Record<string, readonly string[]>> = { 'unknown-service': ['wroker', 'web', 'cache'] };

for (const name of readdirSync(root)) {
  test(`the words for ${name}`, async () => {
    const directory = path.join(root, name);
    const problems = await problemsIn(directory, named[name] ?? []);
    const words = formatProblems(problems, { colour: false, directory });
    expect(words).not.toContain(root);
    const file = path.join(directory, 'expected.txt');
    if (process.env.UPDATE === '1') writeFileSync(file, words);
    expect(words).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '');
    const code = problems.some((problem) => name.startsWith(problem.code));
    expect(code || name === 'several-problems', `${name} begins with the code of its problem`).toBe(true);
  });
}

async function problemsIn(directory: string, services: readonly string[]) {
  try {
    const loaded = await loadStack({ directory, files: [], profiles: [], services, environment: {} });
    return loaded.warnings;
  } catch (error) {
    return problemsOf(error);
  }
}
