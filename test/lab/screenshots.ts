// Draws the picture of the README from the real program on the example stack.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { countAbove, createCoins } from '../helpers/coins.ts';
import { launcher } from '../helpers/project.ts';
import { renderSvg } from '../helpers/svg.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { withEngine } from './engine.ts';
import { say } from './say.ts';

const pictures = path.resolve(import.meta.dirname, '../../docs');
const patience = 300_000;

await withEngine(async (engine) => {
  Object.assign(process.env, engine.env, { DOCKER_HOST: engine.host });
  mkdirSync(pictures, { recursive: true });
  const coins = await createCoins();
  try {
    const terminal = openTerminal({
      command: process.execPath,
      args: [launcher, '-p', 'coins', 'up'],
      cwd: coins.directory,
      env: { ...coins.environment, COINS_PORT: '8000', COLORTERM: 'truecolor' },
      columns: 100,
      rows: 28,
    });
    await terminal.waitFor(/watching the files of/, patience);
    await countAbove('http://127.0.0.1:8000', 20, patience);
    const source = readFileSync(path.join(coins.directory, 'rng/rng.py'), 'utf8');
    coins.write('rng/rng.py', source.replace('LABEL = "rng"', 'LABEL = "rng, edited"'));
    await terminal.waitFor(/rebuilt in/, patience);
    const rows = terminal.lines().length;
    await terminal.waitFor(() => terminal.lines().length > rows + 3, patience);
    draw('up', terminal, 'stack up');
    terminal.type('\u0003');
    await terminal.exit;
    await coins.run(['-p', 'coins', 'down', '--volumes', '--rmi', 'local']);
  } finally {
    await coins.remove();
  }
}, say);

function draw(name: string, terminal: ReturnType<typeof openTerminal>, title: string): void {
  const file = path.join(pictures, `${name}.svg`);
  writeFileSync(file, renderSvg(terminal.emulator, { title }));
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}
