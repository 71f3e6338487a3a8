import { expect, test } from 'vitest';
import { readCommand } from '../../src/load/pieces.ts';

test('the words of a command are those that a shell would make, and what needs a shell is none', () => {
  expect(readCommand('')).toEqual([]);
  expect(readCommand(`sh -c "echo \\"a b\\"" 'it|is' .`)).toEqual(['sh', '-c', 'echo "a b"', 'it|is', '.']);
  for (const text of ['ls . | wc -l', 'a && b', '. ; x', 'echo "open', 'print(1)', 'echo \\'])
    expect([text, readCommand(text)]).toEqual([text, undefined]);
});
