// Preloaded into the program: writes each file that it looks at and each program that it starts into TRACE_FILE.
const child = require('node:child_process');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { appendFileSync } = fs;
const file = process.env.TRACE_FILE;
const tell = (kind, what) => appendFileSync(file, `${JSON.stringify([kind, String(what)])}\n`);

function spy(owner, name, kind) {
  const original = owner[name];
  if (typeof original !== 'function') return;
  owner[name] = function (what, ...rest) {
    if (what !== file) tell(kind, what);
    return original.call(this, what, ...rest);
  };
}

const reading = ['access', 'lstat', 'open', 'readFile', 'readdir', 'readlink', 'realpath', 'stat'];
for (const name of reading) {
  spy(fs.promises, name, 'read');
  spy(fs, name, 'read');
  spy(fs, `${name}Sync`, 'read');
}
for (const name of ['createReadStream', 'existsSync', 'opendir']) spy(fs, name, 'read');
for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'])
  spy(child, name, 'start');
syncBuiltinESMExports();
