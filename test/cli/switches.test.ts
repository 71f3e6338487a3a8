import { Command } from 'commander';
import { expect, test } from 'vitest';
import { withPlainSwitches } from '../../src/cli/switches.ts';

function program(): Command {
  const all = new Command('stack').option('--all-resources').option('-f, --file <path>');
  all
    .command('ps')
    .option('-a, --all')
    .option('--orphans')
    .option('--no-orphans')
    .option('--no-trunc')
    .option('--format <form>')
    .option('--hint [text]');
  return all;
}

test.each([
  [
    ['ps', '--all=true'],
    ['ps', '--all'],
  ],
  [
    ['ps', '--all=false', 'web'],
    ['ps', 'web'],
  ],
  [
    ['ps', '--orphans=false'],
    ['ps', '--no-orphans'],
  ],
  [
    ['ps', '--no-trunc=1'],
    ['ps', '--no-trunc'],
  ],
  [
    ['--all-resources=true', 'ps'],
    ['--all-resources', 'ps'],
  ],
  [
    ['ps', '--format=true'],
    ['ps', '--format=true'],
  ],
  [
    ['ps', '--hint=false'],
    ['ps', '--hint=false'],
  ],
  [
    ['ps', '--unknown=true'],
    ['ps', '--unknown=true'],
  ],
  [
    ['--file=1', 'ps'],
    ['--file=1', 'ps'],
  ],
  [
    ['ps', '--', '--all=true'],
    ['ps', '--', '--all=true'],
  ],
])('%j is read as %j', (words, read) => {
  expect(withPlainSwitches(words, program())).toEqual(read);
});
