#!/usr/bin/env node
// Kept to what the oldest Node understands: this file has to run there to be able to say that it is too old.
var needed = [22, 12];
var found = process.versions.node.split('.').map(Number);
if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error('stack needs Node.js ' + needed.join('.') + ' or newer; this is ' + process.versions.node + '.');
  process.exitCode = 1;
} else {
  import('../dist/main.js').then(
    function (stack) {
      return stack.main(process.argv.slice(2));
    },
    function (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      console.error('stack is not built yet; run this first: npm run build');
      process.exitCode = 1;
    },
  );
}
