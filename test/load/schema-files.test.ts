import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { stackSchema } from '../../src/load/schema.ts';
import { readCases } from '../helpers/cases.ts';

// What editors say about a file by the schema is what stack says about it, as far as a schema can know.

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(stackSchema());

function faultsOf(text: string): readonly string[] {
  validate(parse(text, { merge: true, uniqueKeys: false, logLevel: 'silent' }) ?? {});
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('it accepts every file that loads', () => {
  const refused = readCases().flatMap(({ name, files, expected }) => {
    // Files that are only extended may have services that are left empty.
    const texts = Object.entries(files).filter(
      ([file]) => /\.ya?ml$/.test(file) && !file.includes('/extends/'),
    );
    if (!expected.json?.ok) return [];
    return texts.flatMap(([file, text]) => {
      const faults = faultsOf(text);
      return faults.length === 0 ? [] : [`${name} ${file}: ${faults.join('; ')}`];
    });
  });
  expect(refused).toEqual([]);
  expect(faultsOf(readFileSync('fixtures/coins/stack.yaml', 'utf8'))).toEqual([]);
});

const beyondForm = [
  // There is nothing to look at.
  'invalid-value-empty',
  // The engine refuses the name, and it may come out of a variable.
  'invalid-value-image',
  // Another file or `extends` may give it.
  'invalid-value-no-image',
  // The ports are many when the range is counted.
  'invalid-value-too-many-ports',
];

test('it refuses every file whose form is wrong', () => {
  const root = 'fixtures/invalid';
  const accepted = readdirSync(root).filter((name) => {
    const folder = path.join(root, name);
    const text = readFileSync(path.join(folder, 'stack.yaml'), 'utf8');
    return /^(?:unknown-key|wrong-type|invalid-value)/.test(name) && faultsOf(text).length === 0;
  });
  expect(accepted).toEqual(beyondForm);
});
