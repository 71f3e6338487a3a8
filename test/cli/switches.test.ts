import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandIn, withPlainSwitches } from '../../src/cli/switches.ts';

function program(): Command {
  const all = new Command('stack')
    .enablePositionalOptions()
    .option('--all-resources')
    .option('-f, --file <path>');
  all
    .command('ps')
    .option('-a, --all')
    .option('--orphans')
    .option('--no-orphans')
    .option('--no-trunc')
    .option('--format <form>')
    .option('--hint [text]');
  all
    .command('exec')
    .passThroughOptions()
    .option('-d, --detach')
    .option('-e, --env <variable>')
    .option('-t, --tty')
    .option('-T, --no-tty');
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
  [
    ['exec', '-T=true', '-d=false', 'web', 'ls'],
    ['exec', '-T', 'web', 'ls'],
  ],
  [
    ['exec', '--no-tty=false', 'web', 'ls'],
    ['exec', '--tty', 'web', 'ls'],
  ],
  [
    ['exec', '-e', 'A', '--detach=true', 'web', 'tool', '--detach=true', '-T=false'],
    ['exec', '-e', 'A', '--detach', 'web', 'tool', '--detach=true', '-T=false'],
  ],
])('%j is read as %j', (words, read) => {
  expect(withPlainSwitches(words, program())).toEqual(read);
});

test.each([
  [
    ['ps', '-a=T'],
    ['ps', '-a'],
  ],
  [
    ['ps', '-a=False', 'web'],
    ['ps', 'web'],
  ],
  [
    ['-f=a.yaml', 'ps'],
    ['-f', 'a.yaml', 'ps'],
  ],
  [
    ['-f', 'ps', 'ps', '-a=1'],
    ['-f', 'ps', 'ps', '-a'],
  ],
  [
    ['ps', '-a=perhaps'],
    ['ps', '-a=perhaps'],
  ],
])('short options and all spellings of yes and no: %j', (words, read) => {
  expect(withPlainSwitches(words, program())).toEqual(read);
});

test('the command is the first word that belongs to no option', () => {
  const all = program();
  expect(commandIn(['-f', 'x', '--all-resources', 'ps', 'up'], all).name()).toBe('ps');
  expect(commandIn(['-f', 'ps'], all)).toBe(all);
  expect(commandIn(['pps'], all)).toBe(all);
  expect(commandIn([], all)).toBe(all);
});
