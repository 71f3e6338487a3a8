import { afterEach, expect, test } from 'vitest';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { watch } from '../lab/soak/watch.ts';

let terminal: Terminal | undefined;
afterEach(() => terminal?.dispose());

const other = String.raw`printf '\033[?1049h'`;

/** What the soak finds wrong with what a program shows, without how it looked. */
async function faultsOf(script: string, isResized = false): Promise<readonly string[]> {
  terminal = openTerminal({
    command: 'sh',
    args: ['-c', `${script}; printf 'shown'; read a`],
    columns: 40,
    rows: 10,
  });
  const watching = watch(terminal);
  if (isResized) watching.noteResize();
  await terminal.waitFor(/shown/);
  watching.look();
  return watching.faults().map((fault) => fault.replace(/:[\s\S]*/, ''));
}

test.each([
  ['a full screen of just its size', `${other}; seq 1 9`, []],
  [
    'a full screen with a row too many',
    `${other}; seq 1 10`,
    ['the full screen is higher than the terminal'],
  ],
  ['a full screen with a long row', `${other}; printf %041d`, ['the full screen is wider than the terminal']],
  ['logs of any length above a footer', 'seq 1 20; printf "%050d\\n"; echo coins 5/5 ready; seq 1 6', []],
  [
    'a footer with a long row',
    'echo coins 5/5 ready; printf "%041d\\n"',
    ['the footer is wider than the terminal'],
  ],
  ['a high footer', 'echo coins 5/5 ready; seq 1 8', ['the footer has more than 8 rows']],
])('%s', async (_, script, faults) => {
  expect(await faultsOf(script)).toEqual(faults);
});

test('right after a resize what was drawn before it is no fault', async () => {
  expect(await faultsOf(`${other}; seq 1 10; printf %041d`, true)).toEqual([]);
});
