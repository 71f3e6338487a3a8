import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { containerBody } from '../../src/docker/translate.ts';
import { loadStack } from '../../src/load/load.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing } from '../helpers/stack.ts';

/** Each attribute of a service that the engine is told of: what the file says, and what the engine gets to hear. */
const rows = readFileSync(path.join(import.meta.dirname, '../cases/engine-fields.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => row.split('\t') as [string, string, string, string]);

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(rows)('%s: %s', async (_, text, field, value) => {
  const file = path.join(folder, 'stack.yaml');
  const image = text.startsWith('image:') ? '' : 'image: busybox';
  writeFileSync(
    file,
    `name: shop
services:
  web:
    ${text}
    ${image}
  db: { image: busybox }
networks: { front: { ipam: { config: [{ subnet: 10.7.0.0/24 }, { subnet: "fd00::/64" }] } } }
volumes: { data: {} }
configs: { settings: { file: ./settings } }
secrets: { password: { file: ./password } }
`,
  );
  const request = { directory: folder, files: [file], profiles: [], services: [], environment: {} };
  const { stack } = await loadStack(request);
  const action = planUp(stack, nothing, {})
    .steps.map((step) => step.action)
    .find((one) => one.kind === 'create-container' && one.container.service === 'web');
  if (action?.kind !== 'create-container') throw new Error('no container is made');
  const body: unknown = containerBody(action, 'sha256:1', action.networks);
  const told = field.split('.').reduce((part, key) => (part as Record<string, unknown>)?.[key], body);
  expect(JSON.parse(JSON.stringify(told ?? null).replaceAll(folder, '/shop'))).toEqual(JSON.parse(value));
});
