import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAsWritten } from '../../src/load/as-written.ts';
import { loadStack } from '../../src/load/load.ts';
import { groupBy } from '../../src/model/groups.ts';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { serviceHash } from '../../src/plan/hash.ts';
import { folder, problemsIn, request } from './folder.ts';

interface Answer {
  readonly topic: string;
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly answer: unknown;
  /** Service and config hash, in the order of the services. */
  readonly hash?: readonly string[];
  /** The output with `--no-interpolate`. */
  readonly asWritten?: unknown;
}

const answers = ['answers', 'resources', 'parts'].flatMap((name) =>
  readFileSync(`test/load/data/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line)),
);

const withAsWritten = answers.filter(({ asWritten }) => asWritten !== undefined);

test.each([...groupBy(withAsWritten, (answer) => answer.topic)])(
  'files about %s without replacing variables are those of Docker Compose 2.40.3',
  async (_, ofTopic) => {
    for (const { files, env, asWritten } of ofTopic) {
      const names = files.map((_text, index) => `${index}.yaml`);
      const directory = folder(Object.fromEntries(files.map((text, index) => [`${index}.yaml`, text])));
      const { model } = await loadAsWritten(
        request(directory, { files: names, environment: { HOME: '/home/tester', ...env } }),
      );
      const printed = JSON.stringify(model).replaceAll(path.dirname(directory), '<folder>');
      expect(JSON.parse(printed), files.join('---\n')).toEqual(asWritten);
    }
  },
);

test.each([...groupBy(answers, (answer) => answer.topic)])(
  'files about %s load as Docker Compose 2.40.3 loads them',
  async (_, ofTopic) => {
    for (const { files, env, answer, hash } of ofTopic) {
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
      if (hash === undefined) continue;
      const services = Object.entries(stack.services).toSorted();
      expect(
        services.map(([name, service]) => `${name} ${serviceHash(service)}`),
        files.join('---\n'),
      ).toEqual(hash);
    }
  },
);
