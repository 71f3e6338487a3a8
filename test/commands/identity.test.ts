import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../../src/commands/identity.ts';
import type { LoadRequest } from '../../src/load/load.ts';
import type { Surroundings } from '../../src/model/runtime.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'stack-identity-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const request = (more: Partial<LoadRequest> = {}): LoadRequest => ({
  directory,
  files: [],
  profiles: [],
  services: [],
  environment: { PASSWORD: 'known to few' },
  ...more,
});

function fill(): void {
  const services =
    'web: { image: w }\n  db: { image: d, attach: false }\n  more: { image: m, profiles: [all] }';
  writeFileSync(path.join(directory, 'stack.yaml'), `name: shop\nservices:\n  ${services}\n`);
}

/** Remembers all for good, as text. */
function memory() {
  const kept = new Map<string, string>();
  const forgotten = new Set<string>();
  const recall: NonNullable<Surroundings['recall']> = async (question, find) => {
    const text = kept.get(question) ?? JSON.stringify(await find(() => forgotten.add(question)));
    if (!forgotten.has(question)) kept.set(question, text);
    return JSON.parse(text);
  };
  return { kept, recall };
}

test('a project is known again, for each question', async () => {
  const { kept, recall } = memory();
  fill();
  const known = { name: 'shop', hasFile: true, services: ['web', 'db'], unattached: ['db'] };
  expect(await identify(request(), { recall })).toEqual(known);
  rmSync(path.join(directory, 'stack.yaml'));
  expect(await identify(request(), { recall })).toEqual(known);
  await expect(identify(request({ services: ['web'] }), { recall })).rejects.toThrow();
  fill();
  expect(await identify(request({ services: ['more'] }), { recall })).toMatchObject({ services: ['more'] });
  expect(await identify(request({ profiles: ['all'] }), { recall })).toMatchObject({
    services: ['web', 'db', 'more'],
  });
  expect(await identify(request({ projectName: 'other' }), { recall })).toEqual({
    name: 'other',
    hasFile: false,
    unattached: [],
  });
  expect(kept.size).toBe(4);
  expect([...kept].join()).not.toContain('few');
});

test.each([{ files: ['-'] }, { environment: { COMPOSE_FILE: '-' } }])(
  'what is read from standard input is another thing each time',
  async (named) => {
    const { recall } = memory();
    for (const name of ['one', 'two']) {
      const readStdin = async () => `name: ${name}\nservices: { web: { image: w } }\n`;
      expect(await identify(request({ ...named, readStdin }), { recall })).toMatchObject({ name });
    }
  },
);
