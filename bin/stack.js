#!/usr/bin/env node
// Loads the program only after it has looked at Node: an old one does not have what the program is made of.
'use strict';

const path = require('node:path');

// There is none before Node.js 20.16, and none in 21 and 22.0 to 22.2.
if (typeof process.getBuiltinModule === 'function') launch();
else runByOwnNode();

function launch() {
  const dist = path.join(__dirname, '../dist');
  let program;
  try {
    program = require('../dist/launch.cjs');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    process.stderr.write('stack is not built yet; run this first: npm run build\n');
    process.exitCode = 1;
    return;
  }
  program.launch(process.argv.slice(2), process.argv[1], dist);
}

/** A clone has a Node that is new enough. */
function runByOwnNode() {
  const own = path.join(__dirname, '../node_modules/node/bin/node');
  if (!require('node:fs').existsSync(own)) {
    process.stderr.write(`stack needs Node.js 20.16, or 22.3 or newer; this is ${process.versions.node}.\n`);
    process.exitCode = 1;
    return;
  }
  const child = require('node:child_process').spawn(own, ['--', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal tells all who share it by itself, and a second Ctrl-C would mean something else.
      const isTold = signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY);
      if (!isTold) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + require('node:os').constants.signals[signal];
  });
}
