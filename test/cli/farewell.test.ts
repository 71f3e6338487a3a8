import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { sameStack, sayFarewell } from '../../src/cli/farewell.ts';
import type { GlobalOptions } from '../../src/cli/program.ts';
import type { Runtime } from '../../src/model/runtime.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const load = {
  directory: folder,
  files: [],
  profiles: [],
  services: [],
  environment: {},
  defaultPlatform: true,
};
const runtime = { observeContainers: async () => [{ state: 'running' }] } as unknown as Runtime;

/** What is said to who leaves a stack with this file. */
async function saidAfter(file: string, globals: Partial<GlobalOptions>): Promise<string> {
  writeFileSync(path.join(folder, 'stack.yaml'), file);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await sayFarewell(load, globals as GlobalOptions, { runtime });
  return write.mock.calls.map(([text]) => text).join('');
}

test('who leaves is told the words by which the same stack is meant', async () => {
  const globals = { file: ['a b.yaml'], workdir: '../up', envFile: ['.env.dev'], profile: ['debug'] };
  const words = "stack -f 'a b.yaml' --project-directory ../up --env-file .env.dev --profile debug";
  expect(await saidAfter('name: coins\nservices: { web: { image: busybox } }\n', globals)).toBe(
    `coins runs on; ${words} ui comes back to it, ${words} down ends it\n`,
  );
});

test('a copy is meant by its name', () => {
  expect(sameStack({ file: ['a.yaml'] } as unknown as GlobalOptions, 'shop-2')).toBe(
    'stack -f a.yaml -p shop-2',
  );
});

test('that the file is wrong by now keeps nobody from leaving', async () => {
  expect(await saidAfter('services: [\n', {})).toBe('');
});
