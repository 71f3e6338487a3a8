// The way into every npm script that needs more than npm: makes sure that the packages are installed and the program
// is built, then runs test/lab/NAME.ts with the Node.js that this repository brings.
//
//     node test/lab/prepare.mjs demo|test|bench|... [arguments for it]
//
// Whatever Node.js and npm the machine has start this file, so it keeps to what Node.js 16 knows.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(repository);

const [name, ...rest] = process.argv.slice(2);
const script = `test/lab/${name}.ts`;
if (name === undefined || !existsSync(script))
  fail('Usage: node test/lab/prepare.mjs demo|test|bench [arguments]');
if (!packagesAreCurrent()) await step('Installing packages', ['ci', '--no-audit', '--no-fund']);
if (!buildIsCurrent()) await step('Building', ['run', 'build']);
await runInstead(ownNode(), [script, ...rest]);

/** Whether node_modules has what package-lock.json says. npm leaves out what is optional and made for other systems. */
function packagesAreCurrent() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const there = installed[path];
    if (path === '') return true;
    return there === undefined
      ? optional === true
      : there.version === version && there.integrity === integrity;
  });
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

function buildIsCurrent() {
  return (
    existsSync('dist') &&
    newest('dist') >= Math.max(...['src', 'bin', 'build.js', 'package-lock.json'].map(newest))
  );
}

/** When a file, or the newest file in a folder, was last changed. */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(0, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}

/** Runs npm with one line to show for it; all it had to say only if it fails. */
async function step(title, npmArguments) {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  const animate = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r${title} … ${seconds()}`), 100)
    : undefined;
  const { code, output } = await npm(npmArguments);
  clearInterval(animate);
  process.stdout.write(
    `${animate ? '\r' : ''}${title} ${code === 0 ? 'took' : 'failed after'} ${seconds()}\n`,
  );
  if (code !== 0) fail(output);
}

function npm(npmArguments) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const child = spawn(command, [...first, ...npmArguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The package `node` links its program into .bin, too; where install scripts are not run, neither is there. */
function ownNode() {
  const places = ['node_modules/node/bin/node', 'node_modules/.bin/node'];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    fail('node_modules has no Node.js: let npm run the install script of the package "node".');
  return found;
}

/**
 * Runs a program in the place of this one. Ctrl-C reaches it through the process group, like this process, which only
 * waits for what the program makes of it; a signal sent to this process alone is passed on.
 */
async function runInstead(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  await new Promise((resolve) => {
    child.on('error', (error) => fail(`${command}: ${error.message}`));
    child.on('close', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
      resolve();
    });
  });
}

function fail(message) {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(1);
}
