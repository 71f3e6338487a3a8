import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

/** What Docker Compose 2.40 documents: a line without a flag is a command, one without a command is about all of them. */
interface Documented {
  readonly command: string;
  readonly flag: string;
  readonly short: string;
  readonly takesValue: boolean;
}

const documented: readonly Documented[] = readFileSync(
  path.join(import.meta.dirname, 'data/docker-compose.tsv'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [command = '', flag = '', short = '', takesValue] = line.split('\t');
    return { command, flag, short, takesValue: takesValue === 'yes' };
  });

const page = path.resolve(import.meta.dirname, '../../docs/commands.md');
const program = createProgram({ asCompose: false }).words;

/** Taken from everybody, so that it says nothing of a command. */
const everywhere = ['--json', '--no-color', '--dry-run'];

/** The letter belongs to the name that the flag has since. */
const renamed = ['run --no-TTY'];

function commandOf(name: string) {
  return name === '' ? program : program.commands.find((command) => command.name() === name);
}

function optionOf({ command, flag }: Documented) {
  return commandOf(command)?.options.find(({ long }) => long === flag);
}

function isThere(entry: Documented): boolean {
  // Help is made by the parser itself.
  if (entry.command === 'help') return true;
  return entry.flag === '' ? commandOf(entry.command) !== undefined : optionOf(entry) !== undefined;
}

function rowOf(name: string): string {
  const flags = documented.filter(({ command, flag }) => command === name && flag !== '');
  const names = (entries: readonly Documented[]): string =>
    entries.map(({ flag, short }) => `\`${short === '' ? flag : `${short}, ${flag}`}\``).join(' ');
  const own = (commandOf(name)?.options ?? [])
    .filter(({ hidden, long }) => !hidden && !flags.some(({ flag }) => flag === long))
    .map(({ long = '' }) => long)
    .filter((long) => name === '' || !everywhere.includes(long))
    .map((long) => `\`${long}\``);
  const isKnown = documented.some(({ command, flag }) => command === name && flag === '');
  const state = commandOf(name) === undefined && name !== 'help' ? 'not yet' : isKnown ? 'yes' : 'only here';
  const shown = name === '' ? 'before the command' : `\`${name}\``;
  const [there, missing] = [flags.filter(isThere), flags.filter((entry) => !isThere(entry))].map(names);
  return `| ${[shown, state, there, missing, own.join(' ')].join(' | ')} |`.replace(/ {2,}/g, ' ');
}

function pageNow(): string {
  const ours = program.createHelp().visibleCommands(program);
  const names = new Set(
    [...documented, ...ours.map((one) => ({ command: one.name() }))].map((one) => one.command),
  );
  const missing = documented.filter((entry) => !isThere(entry)).length;
  return `# Commands and flags

Every command and flag that Docker Compose 2.40 documents, and whether \`stack\` does what it asks for: ${documented.length - missing} of ${documented.length} are there.
All commands also take \`--json\` and \`--no-color\`. \`alpha\` can stand before \`publish\`, \`scale\` and \`viz\`, as Docker Compose wants it
before \`viz\`; \`alpha generate\` and \`bridge\` are left out. What has other results on purpose is listed in [compose.md](compose.md);
\`stack help COMMAND\` explains each.

A test makes this page from the program itself: \`UPDATE=1 npx vitest run --project unit test/cli/commands.test.ts\`.

| command | there | flags of Docker Compose | not yet | only here |
| ------- | ----- | ----------------------- | ------- | --------- |
${[...names].toSorted().map(rowOf).join('\n')}
`;
}

test('the page of commands says what the program understands', () => {
  const now = pageNow();
  if (process.env.UPDATE === '1') writeFileSync(page, now);
  expect(readFileSync(page, 'utf8')).toBe(now);
});

test('flags are written as with Docker Compose: the same letter, and a value or none', () => {
  const different = documented.flatMap((entry) => {
    const option = optionOf(entry);
    if (option === undefined || entry.flag === '') return [];
    const { required, optional, short = '' } = option;
    const name = `${entry.command} ${entry.flag}`;
    const same =
      (short === entry.short || renamed.includes(name)) && (required || optional) === entry.takesValue;
    return same ? [] : [`${name}: ${option.flags}`];
  });
  expect(documented.length).toBeGreaterThan(200);
  expect(different).toEqual([]);
});
