import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { peakMemory, run, write } from './contender.ts';
import { written } from './files.ts';
import type { Scenario, Step } from './scenario.ts';

/** What is paid before anything happens; it can be no less than Node.js needs to start and to end. */
const bareNode = async (): Promise<void> => {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
};

const memory = (row: string, told: string, words: readonly string[]): Step => ({
  row: `${row}-memory`,
  told: `${told}: most memory`,
  unit: 'MB',
  bar: 0.6,
  does: (contender) => peakMemory(contender, words),
  limit: (contender) => peakMemory({ ...contender, command: [process.execPath] }, ['-e', '0']),
});

function config(count: number, bar: number): Scenario {
  const told = `\`config\`, ${count} services`;
  const row = `config-${count}`;
  return {
    name: row,
    rounds: 9,
    async prepare(contender) {
      for (const [file, text] of Object.entries(written(count))) write(contender, file, text);
      const { stdout } = await run(contender, ['config']);
      if (!stdout.includes(`s${count - 1}:`) || !stdout.includes('SHOP_29: debug-29'))
        throw new Error('config printed something else');
    },
    steps: [{ row, told, bar, does: ['config'], limit: bareNode }, memory(row, told, ['config'])],
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
  config(5, 0.6),
  config(200, 0.4),
];
