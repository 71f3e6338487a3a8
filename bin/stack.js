#!/usr/bin/env node
// Loads the program only after it has looked at Node's version: the program itself is not understood by an old one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const [needed, found] = ['22.12', process.versions.node].map((version) => version.split('.').map(Number));
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1])) {
  // Compiled code is kept from one start to the next.
  module.enableCompileCache();
  import('../dist/main.js').then(
    (stack) => stack.main(process.argv.slice(2), process.argv[1]),
    (error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      process.stderr.write('stack is not built yet; run this first: npm run build\n');
      process.exitCode = 1;
    },
  );
} else if (existsSync(own)) {
  // A clone has a Node that is new enough.
  const child = spawn(own, ['--', ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal tells all who share it by itself, and a second Ctrl-C would mean something else.
      const isTold = signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY);
      if (!isTold) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
} else {
  process.stderr.write(
    `stack needs Node.js ${needed.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
}
