import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toPlain } from '../../src/load/normal/plain.ts';
import { parseYaml } from '../../src/load/yaml/parse.ts';
import { printJson, printYaml } from '../../src/load/yaml/print.ts';

test('YAML is printed letter by letter as Docker Compose prints it', () => {
  const printed = readFileSync('test/load/data/printed.txt', 'utf8');
  const nodes = parseYaml(printed, '-', (problem) => expect.unreachable(problem.message)) ?? [];
  expect(nodes.map((node) => printYaml(toPlain(node, {}))).join('---\n')).toBe(printed);
});

test('what Docker Compose prints so that it reads back as another text is escaped', () => {
  expect(printYaml({ a: 'x\r\ny\n' })).toBe('a: "x\\r\\ny\\n"\n');
  expect(printYaml({ a: 'x\u2028\ny\n', b: 'end \nx' })).toBe('a: "x\\L\\ny\\n"\nb: "end \\nx"\n');
});

test('JSON has the escapes of Go', () => {
  expect(printJson({ a: '<&>\u2028' })).toBe('{\n  "a": "\\u003c\\u0026\\u003e\\u2028"\n}');
});
