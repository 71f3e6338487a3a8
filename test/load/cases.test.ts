import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { serviceHash } from '../../src/plan/hash.ts';
import { problemsIn, request } from './folder.ts';

interface Case {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly ok: boolean;
  readonly output?: { readonly services: Readonly<Record<string, object>> };
  readonly hash?: readonly string[];
}

const root = path.resolve('test/cases');
const names = readdirSync(root).filter((name) => name !== 'README.md');

test('the cases give the same as Docker Compose 2.40.3', async () => {
  const different: string[] = [];
  for (const name of names) if (!(await isSame(name))) different.push(name);
  // biome-ignore lint/suspicious/noConsole: the count is what one looks for.
  console.info(`cases ${names.length} same ${names.length - different.length}`);
  expect(different).toEqual([]);
});

test('config hashes are those of Docker Compose 2.40.3', async () => {
  let compared = 0;
  for (const name of names) {
    const { hash = [], output } = readCase(name);
    if (hash.length === 0) continue;
    const { stack } = await load(name);
    for (const line of hash) {
      const [service = '', expected] = line.split(' ');
      // Paths of this machine are part of some hashes.
      const { build: _, ...hashed } = (output?.services[service] ?? {}) as { build?: unknown };
      if (JSON.stringify(hashed).includes('<case>')) continue;
      expect([name, service, serviceHash(stack.services[service] ?? {})]).toEqual([name, service, expected]);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(9);
});

function readCase(name: string): Case {
  return JSON.parse(readFileSync(path.join(root, name, 'case.json'), 'utf8'));
}

function load(name: string) {
  const { cwd, env, files } = readCase(name);
  const environment = { HOME: '/home/tester', ...env };
  return loadStack(request(path.join(root, name, cwd), { files, environment }));
}

async function isSame(name: string): Promise<boolean> {
  const { ok, output } = readCase(name);
  if (!ok) {
    const problems = await problemsIn(load(name));
    return problems.some(({ code, severity }) => severity === 'error' && code !== 'internal');
  }
  const { stack } = await load(name);
  const printed = JSON.stringify(canonicalStack(stack)).replaceAll('$', '$$$$');
  return isDeepStrictEqual(JSON.parse(printed.replaceAll(path.join(root, name, name), '<case>')), output);
}
