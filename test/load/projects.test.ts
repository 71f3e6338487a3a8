import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAsWritten } from '../../src/load/as-written.ts';
import { type LoadRequest, loadStack } from '../../src/load/load.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { folder, request } from './folder.ts';

interface Answer {
  readonly about: string;
  readonly files: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly services?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly answer: unknown;
}

const answers = readFileSync('test/load/data/projects.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

test.each(answers)(
  'of several files: $about',
  async ({ files, flags = [], services = [], cwd = '.', env, answer }) => {
    const directory = folder(files);
    const asked = request(path.join(directory, cwd), {
      ...requestOf(flags),
      services,
      environment: { HOME: '/home/tester', ...env },
    });
    if (answer === null) {
      const codes = await printed(asked, flags).then(
        () => [],
        (error: unknown) => problemsOf(error).map(({ code }) => code),
      );
      expect(codes.length, 'it must be refused').toBeGreaterThan(0);
      expect(codes).not.toContain('internal');
      return;
    }
    const found = await printed(asked, flags);
    expect(JSON.parse(found.replaceAll(path.dirname(directory), '<folder>'))).toEqual(answer);
  },
);

async function printed(asked: LoadRequest, flags: readonly string[]): Promise<string> {
  if (flags.includes('--no-interpolate')) return JSON.stringify((await loadAsWritten(asked)).model);
  const { stack } = await loadStack(asked);
  return JSON.stringify(canonicalStack(stack)).replaceAll('$', '$$$$');
}

function requestOf(flags: readonly string[]): Partial<LoadRequest> {
  const all = (name: string) => flags.filter((_, index) => flags[index - 1] === name);
  const [projectDirectory] = all('--project-directory');
  return {
    files: all('-f'),
    envFiles: all('--env-file'),
    profiles: all('--profile'),
    ...(projectDirectory !== undefined && { projectDirectory }),
    resolvePaths: !flags.includes('--no-path-resolution'),
    normalize: !flags.includes('--no-normalize'),
    consistency: !flags.includes('--no-consistency'),
  };
}
