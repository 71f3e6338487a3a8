import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
const program = createProgram({ asCompose: false, calledAs: 'stack' }).words;

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

/** The words that a test hands to the program stand in one list or call, or in one text. */
interface Words {
  readonly words: readonly string[];
  /** Words of a table are put in. */
  readonly open: boolean;
}

const tests = path.resolve(import.meta.dirname, '..');
const wordsOfTests: readonly (readonly [string, readonly Words[]])[] = readdirSync(tests, { recursive: true })
  .map(String)
  .filter(
    (file) => /^(cli|commands|e2e|terminal)\/.*\.test\.tsx?$/.test(file) && file !== 'cli/commands.test.ts',
  )
  .toSorted()
  .map((file) => {
    const text = readFileSync(path.join(tests, file), 'utf8');
    const lists = [...text.matchAll(/\[([^[\]]*)\]|\(([^()]*)\)|'([^'\n]*)'/g)];
    return [
      file,
      lists.map(([, array, call, alone]) => {
        const list = array ?? call ?? alone ?? '';
        return { words: list.match(/[\w$*.:/=-]+/g) ?? [], open: list.includes('...') };
      }),
    ];
  });

/** The test files that give the flag to the command, at once or by a table of words for it. */
function testsOf({ command, flag, short }: Documented): readonly string[] {
  const isCommand = ({ words }: Words) => command === '' || words.includes(command);
  const isFlag = ({ words }: Words) =>
    words.some(
      (word) =>
        word === flag ||
        word.startsWith(`${flag}=`) ||
        (short !== '' && /^-\w+$/.test(word) && word.includes(short.slice(1))),
    );
  return wordsOfTests
    .filter(
      ([, uses]) =>
        uses.some((use) => isCommand(use) && (flag === '' || isFlag(use))) ||
        (command !== '' &&
          uses.some((use) => isCommand(use) && use.open) &&
          uses.some((use) => !isCommand(use) && isFlag(use))),
    )
    .map(([file]) => file);
}

function testedRow(entry: Documented): string {
  const { command, flag } = entry;
  const files = testsOf(entry).map((file) => path.basename(file).replace(/\.test\.tsx?$/, ''));
  const words = [command, flag].filter((word) => word !== '').join(' ');
  return `| \`${words}\` | ${isThere(entry) ? 'yes' : 'no'} | ${files.join(', ')} |`;
}

function pageNow(): string {
  const ours = program.createHelp().visibleCommands(program);
  const names = new Set(
    [...documented, ...ours.map((one) => ({ command: one.name() }))].map((one) => one.command),
  );
  const missing = documented.filter((entry) => !isThere(entry)).length;
  return `# Commands and flags

Every command and flag that Docker Compose 2.40 documents, and whether \`stack\` does what it asks for: ${documented.length - missing} of ${documented.length} are there.
All commands also take \`--json\` and \`--no-color\`. \`alpha\` can stand before \`publish\`, \`scale\`, \`viz\` and \`watch\`, as Docker Compose wants it
before \`viz\`; \`alpha generate\` and \`bridge\` are left out. What has other results on purpose is listed in [compose.md](compose.md);
\`stack help COMMAND\` explains each.

A test makes this page from the program itself: \`UPDATE=1 npx vitest run --project unit test/cli/commands.test.ts\`.

| command | there | flags of Docker Compose | not yet | only here |
| ------- | ----- | ----------------------- | ------- | --------- |
${[...names].toSorted().map(rowOf).join('\n')}

## Tested by

The files in \`test/\` that give these words to the program.

| words | there | tests |
| ----- | ----- | ----- |
${documented
  .filter(({ command, flag }) => `${command}${flag}` !== '' && command !== 'help')
  .map(testedRow)
  .join('\n')}
`;
}

test('the page of commands says what the program understands', () => {
  const now = pageNow();
  if (process.env.UPDATE === '1') writeFileSync(page, now);
  expect(readFileSync(page, 'utf8')).toBe(now);
});

test('each of them is there, and tested', () => {
  const blank = documented.filter(
    (entry) => entry.command !== 'help' && (!isThere(entry) || testsOf(entry).length === 0),
  );
  expect(blank.map(({ command, flag }) => `${command} ${flag}`)).toEqual([]);
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
