import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stackSchema } from '../../src/load/schema.ts';

const file = 'schema/stack.schema.json';

test('the schema for editors is that of the tables; UPDATE=1 writes it anew', () => {
  const schema = `${JSON.stringify(stackSchema(), undefined, 2)}\n`;
  if (process.env.UPDATE === '1') writeFileSync(file, schema);
  expect(readFileSync(file, 'utf8')).toBe(schema);
});

test('every attribute of a service is described', () => {
  const schema = JSON.stringify(stackSchema());
  expect(schema).toContain('"description":"How the image is built."');
  expect(schema).not.toContain('"description":""');
});
