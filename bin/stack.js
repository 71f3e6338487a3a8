#!/usr/bin/env node
// Loads the program only after it has looked at Node's version: the program itself is not understood by an old one.

const [needed, found] = ['22.12', process.versions.node].map((version) => version.split('.').map(Number));

if (found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1])) {
  // Compiled code is kept from one start to the next. To import one of Node's modules loads all that it exports.
  process.getBuiltinModule('node:module').enableCompileCache();
  import('../dist/main.js').then(
    (stack) => stack.main(process.argv.slice(2), process.argv[1]),
    (error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      process.stderr.write('stack is not built yet; run this first: npm run build\n');
      process.exitCode = 1;
    },
  );
} else {
  await runByOwnNode();
}

/** A clone has a Node that is new enough. */
async function runByOwnNode() {
  const [{ spawn }, { existsSync }, { constants }, { fileURLToPath }] = await Promise.all([
    import('node:child_process'),
    import('node:fs'),
    import('node:os'),
    import('node:url'),
  ]);
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(own)) {
    process.stderr.write(
      `stack needs Node.js ${needed.join('.')} or newer; this is ${process.versions.node}.\n`,
    );
    process.exitCode = 1;
    return;
  }
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
}
