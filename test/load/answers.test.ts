import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { folder, problemsIn, request } from './folder.ts';

interface Answer {
  readonly topic: string;
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly answer: unknown;
}

const answers = readFileSync('test/load/data/answers.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

test.each([...Map.groupBy(answers, (answer) => answer.topic)])(
  'files about %s load as Docker Compose 2.40.3 loads them',
  async (_, ofTopic) => {
    for (const { files, env, answer } of ofTopic) {
      const names = files.map((_text, index) => `${index}.yaml`);
      const directory = folder(Object.fromEntries(files.map((text, index) => [`${index}.yaml`, text])));
      const loading = loadStack(
        request(directory, { files: names, environment: { HOME: '/home/tester', ...env } }),
      );
      if (answer === null) {
        const problems = await problemsIn(loading);
        expect(
          problems.some(({ severity, code }) => severity === 'error' && code !== 'internal'),
          `${files.join('---\n')} must be refused`,
        ).toBe(true);
        continue;
      }
      const { stack } = await loading;
      const printed = JSON.stringify(canonicalStack(stack)).replaceAll('$', '$$$$');
      expect(
        JSON.parse(printed.replaceAll(path.dirname(directory), '<folder>')),
        files.join('---\n'),
      ).toEqual(answer);
    }
  },
);
