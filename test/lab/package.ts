/**
 * `npm run package [-- --node FILE] [--output FILE]`: the program with Node.js in it as one executable file for Linux, for
 * machines without Node.js. FILE is the Node.js to take, e.g. of another architecture; else it is the one of this
 * repository.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withNote } from './elf.ts';
import { main } from './main.ts';
import { repository } from './places.ts';
import { say } from './say.ts';
import { run } from './shell.ts';

await main(async () => {
  const { values } = parseArgs({ options: { node: { type: 'string' }, output: { type: 'string' } } });
  const named = `stack-${os.platform()}-${os.arch()}`;
  const { node = process.execPath, output = path.join(repository, 'release', named) } = values;
  const packed = withNote(switchedOn(readFileSync(node)), 'NODE_SEA_BLOB', await blob());
  mkdirSync(path.dirname(output), { recursive: true });
  // Whoever runs the last one goes on with that.
  const draft = `${output}.${process.pid}`;
  try {
    writeFileSync(draft, packed, { mode: 0o755 });
    renameSync(draft, output);
  } finally {
    rmSync(draft, { force: true });
  }
  say(`${path.relative(process.cwd(), output)}: ${Math.round(packed.length / 2 ** 20)} MB`);
  return 0;
});

/** Node.js looks for a program in its own file where this says so. */
function switchedOn(node: Buffer): Buffer {
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
  const place = node.indexOf(`${fuse}0`);
  if (place === -1) throw new Error('This is no Node.js that a program can be put into.');
  node.write('1', place + fuse.length);
  return node;
}

/** The parts of the program, and what starts it, as Node.js wants them. */
async function blob(): Promise<Buffer> {
  const dist = path.join(repository, 'dist');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-package-'));
  const inFolder = (name: string): string => path.join(folder, name);
  try {
    const launch = readFileSync(path.join(dist, 'launch.cjs'), 'utf8');
    const start = `${launch}\nmodule.exports.launch(process.argv.slice(2), process.argv0);\n`;
    writeFileSync(inFolder('start.cjs'), start);
    const parts = ['program.js', 'load.js', 'screens.js'].map((part) => [part, path.join(dist, part)]);
    const config = {
      main: inFolder('start.cjs'),
      output: inFolder('blob'),
      disableExperimentalSEAWarning: true,
      assets: Object.fromEntries(parts),
    };
    writeFileSync(inFolder('config.json'), JSON.stringify(config));
    await run(process.execPath, ['--experimental-sea-config', inFolder('config.json')]);
    return readFileSync(inFolder('blob'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
