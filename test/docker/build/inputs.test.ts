import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seeOwnInputs } from '../../../src/docker/build/inputs/inputs.ts';
import { findSources } from '../../../src/docker/build/sources.ts';

const { signal } = new AbortController();

/** The further contexts whose files count for a build by this Dockerfile. */
async function counted(dockerfile: string): Promise<readonly string[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['own', 'Lib', 'huge']) {
    mkdirSync(at(name));
    writeFileSync(path.join(at(name), 'file'), name);
  }
  writeFileSync(at('own/Dockerfile'), dockerfile);
  const build = { context: at('own'), additional_contexts: { Lib: at('Lib'), huge: at('huge') } };
  const sources = await findSources('web', build);
  const action = { kind: 'build-image', service: 'web', image: 'web', build, labels: {} } as const;
  const { contexts } = await (await seeOwnInputs({ action, sources }, signal)).files();
  return Object.keys(contexts).filter((name) => name !== '');
}

test.each([
  ['FROM busybox\nCOPY --from=lib file /\n', ['Lib']],
  ['FROM lib\nRUN --mount=from=huge,target=/x cat /x/file\n', ['Lib', 'huge']],
  ['FROM busybox\n', []],
  ['ARG BASE\nFROM \\\n  $BASE\n', ['Lib', 'huge']],
  ['# syntax=example/other\nFROM busybox\n', ['Lib', 'huge']],
])('only contexts that a Dockerfile may use are read: %j', async (dockerfile, names) => {
  expect(await counted(dockerfile)).toEqual(names);
});
