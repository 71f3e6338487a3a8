import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Contender, peakMemory, run, write } from './contender.ts';
import { written } from './files.ts';
import type { Scenario, Step } from './scenario.ts';

/** What is paid before anything happens; it can be no less than Node.js needs to start and to end. */
const bareNode = async (): Promise<void> => {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
};

const memory = (row: string, told: string, words: readonly string[], before?: Step['before']): Step => ({
  row: `${row}-memory`,
  told: `${told}: most memory`,
  unit: 'MB',
  bar: 0.6,
  ...(before && { before }),
  does: (contender) => peakMemory(contender, words),
  limit: (contender) => peakMemory({ ...contender, command: [process.execPath] }, ['-e', '0']),
});

/** How long files are as they are until they are believed to be known again, in milliseconds, and a little more. */
const settling = 2500;

/** `changes`: one of the files is written anew each time. */
function config(count: number, bar: number, changes: boolean): Scenario {
  const told = `\`config\`, ${count} services${changes ? ', of which a file changed' : ''}`;
  const row = `config-${count}${changes ? '-changed' : ''}`;
  const change = (contender: Contender): void =>
    write(contender, 'compose.yaml', `${written(count)['compose.yaml']}# round ${contender.round}\n`);
  return {
    name: row,
    rounds: 9,
    async prepare(contender) {
      for (const [file, text] of Object.entries(written(count))) write(contender, file, text);
      const { stdout } = await run(contender, ['config']);
      if (!stdout.includes(`s${count - 1}:`) || !stdout.includes('SHOP_29: debug-29'))
        throw new Error('config printed something else');
      if (changes) return;
      await setTimeout(settling);
      await run(contender, ['config']);
    },
    steps: [
      { row, told, bar, ...(changes && { before: change }), does: ['config'], limit: bareNode },
      memory(row, told, ['config'], changes ? change : undefined),
    ],
  };
}

export const starts: readonly Scenario[] = [
  {
    name: 'version',
    rounds: 15,
    steps: [
      { row: 'version', told: '`version`', bar: 0.55, does: ['version'], limit: bareNode },
      memory('version', '`version`', ['version']),
    ],
  },
  config(5, 0.6, true),
  config(200, 0.4, true),
  config(5, 0.6, false),
  config(200, 0.4, false),
];
