#!/usr/bin/env node
// Loads the program only after it has looked at Node's version: the program itself is not understood by an old one.
import module from 'node:module';

const [needed, found] = ['22.12', process.versions.node].map((version) => version.split('.').map(Number));

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    `stack needs Node.js ${needed.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
} else {
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
}
