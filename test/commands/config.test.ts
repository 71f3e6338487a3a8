import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { config } from '../../src/commands/config.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what config prints loads again and means the same', async () => {
  const first = path.join(folder, 'stack.yaml');
  writeFileSync(
    first,
    'name: shop\nx-note: {by: me}\nservices:\n  web:\n    image: nginx\n    environment: [A=1, B=y, C=$$TAG]\n    ports: ["80:80"]\n',
  );
  const load = { directory: folder, files: [first], profiles: [], services: [], environment: {} };
  const printed = await config({ load, format: 'yaml' });
  expect(printed.text).toContain('C: $$TAG');
  expect(printed.text).toContain('by: me');
  const second = path.join(folder, 'printed.yaml');
  writeFileSync(second, printed.text);
  const again = await config({ load: { ...load, files: [second] }, format: 'yaml' });
  expect(again.text).toBe(printed.text);
  const json = await config({ load, format: 'json' });
  expect(JSON.parse(json.text).services.web.environment.C).toBe('$$TAG');
});
