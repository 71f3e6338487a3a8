import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stackSchema } from '../../src/load/schema.ts';

const file = 'schema/stack.schema.json';

test('the schema for editors is that of the tables; UPDATE=1 writes it anew', () => {
  const schema = printed(stackSchema());
  if (process.env.UPDATE === '1') writeFileSync(file, schema);
  expect(readFileSync(file, 'utf8')).toBe(schema);
});

test('every attribute of a service is described', () => {
  const schema = JSON.stringify(stackSchema());
  expect(schema).toContain('"description":"How the image is built."');
  expect(schema).not.toContain('"description":""');
});

/** As the formatter of this repository likes it: lists of words on one line. */
function printed(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replace(/\[\s+("[^[\]{}]*?")\s+\]/g, (_, words: string) => `[${words.replace(/\s+/g, ' ')}]`)}\n`;
}
