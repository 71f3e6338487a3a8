import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { config } from '../../src/commands/config.ts';
import { configHashes } from '../../src/commands/config-lists.ts';
import { type PlacedCase, placeCases, readCases } from '../helpers/cases.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;
const run = promisify(execFile);

test.skipIf(compose === undefined)(
  'the cases give what Docker Compose prints here and now, hashes with paths in them too',
  async () => {
    const cases = placeCases(readCases().filter(({ expected }) => expected.json?.ok));
    const different: string[] = [];
    const waiting = cases.values();
    const lane = async (): Promise<void> => {
      for (const one of waiting) if (!(await isSame(one))) different.push(one.name);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    expect(different).toEqual([]);
    expect(cases.length).toBeGreaterThan(300);
  },
);

async function isSame(one: PlacedCase): Promise<boolean> {
  const command = one.expected.json?.command ?? [];
  const load = one.request(command);
  const [yaml, hashes, theirYaml, theirHashes] = await Promise.all([
    config({ load, format: 'yaml' }),
    configHashes('*', load),
    ask(one, [...command.slice(0, command.indexOf('config')), 'config']),
    ask(one, [...command.slice(0, command.indexOf('config')), 'config', '--hash', '*']),
  ]);
  const same = hashes.lines.toSorted().join('\n') === theirHashes.trim().split('\n').toSorted().join('\n');
  return same && yaml.text === theirYaml;
}

async function ask(one: PlacedCase, words: readonly string[]): Promise<string> {
  const { directory, environment } = one.request(words);
  const { PATH = '' } = process.env;
  const { stdout } = await run(compose ?? '', [...words], {
    cwd: directory,
    env: { PATH, ...(environment as Record<string, string>) },
  });
  return stdout;
}
