import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { config } from '../../src/commands/config.ts';
import { type ConfigList, configHashes, configList } from '../../src/commands/config-lists.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { type Expected, type PlacedCase, placeCases, readCases } from '../helpers/cases.ts';

// What `stack config` prints is what Docker Compose 2.40.3 printed, for each of the cases and each of its commands.

test('all cases give the same as Docker Compose 2.40.3', async () => {
  const cases = placeCases(readCases());
  const different: string[] = [];
  for (const one of cases) {
    for (const [what, expected] of Object.entries(one.expected)) {
      if (!(await isSame(one, what, expected))) different.push(`${one.name} ${what}`);
    }
  }
  const same = cases.filter(({ name }) => !different.some((line) => line.startsWith(`${name} `)));
  // biome-ignore lint/suspicious/noConsole: the count is what one looks for.
  console.info(`cases ${cases.length} same ${same.length}`);
  expect(different).toEqual([]);
  expect(cases.length).toBeGreaterThan(500);
});

async function isSame(one: PlacedCase, what: string, { command, ok, output }: Expected): Promise<boolean> {
  try {
    const printed = await print(one, what, command);
    return ok && isDeepStrictEqual(printed, what === 'hash' ? hashesWithoutPaths(one, output) : output);
  } catch (error) {
    return !ok && problemsOf(error).every(({ code }) => code !== 'internal');
  }
}

async function print(one: PlacedCase, what: string, command: readonly string[]): Promise<unknown> {
  const load = one.request(command);
  if (what === 'json' || what === 'no-interpolate') {
    const { text } = await config({ load, format: 'json', asWritten: what === 'no-interpolate' });
    return JSON.parse(text.replaceAll(one.own, '<case>'));
  }
  if (what === 'hash') return hashesWithoutPaths(one, (await configHashes('*', load)).lines);
  return (await configList(what as ConfigList, load)).lines.toSorted();
}

/** A hash that covers a path of the machine it was made on, such as that of an env file, cannot be had on another. */
function hashesWithoutPaths({ expected }: PlacedCase, lines: unknown): readonly string[] {
  const models = [expected.json, expected['no-interpolate']].map((one) => one?.output as Model | undefined);
  const hasPath = (name: string) =>
    models.some((model) => {
      const { build: _, ...hashed } = { build: undefined, ...model?.services[name] };
      return JSON.stringify(hashed).includes('<case>');
    });
  return (lines as readonly string[]).filter((line) => !hasPath(line.split(' ', 1)[0] ?? '')).toSorted();
}

interface Model {
  readonly services: Readonly<Record<string, object>>;
}
