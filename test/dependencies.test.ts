import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { broughtBy, readLock } from './helpers/lock.ts';

const repository = path.resolve(import.meta.dirname, '..');
const page = path.join(repository, 'docs/dependencies.md');
const lock = readLock();

/** Why each package is there: what it does that we do not want to do ourselves. */
const shipped: Readonly<Record<string, string>> = {
  chokidar: 'watching folders, on every system, for saves of every kind of editor',
  commander: 'reading options, and help; loaded by `cli` alone',
  dockerode:
    'connections to the engine: sockets, pipes, TLS, and such as carry bytes both ways; questions to a socket do without; its ways to speak ssh and gRPC, and what they bring along, are left out of the bundle',
  ink: 'drawing the screens; loaded only where there is one',
  react: 'what Ink is made for',
  'string-width': 'how many columns characters take; Ink brings it along in an older version',
  'tar-stream': 'reading and writing tar piece by piece, as the engine wants files',
  yaml: 'the syntax of YAML with the place of every word; what values mean is decided here',
};
const forWork: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'style and formatting',
  '@lydell/node-pty': 'terminals for tests, as users have them; ready-made, so nothing is compiled',
  '@types/dockerode': 'types',
  '@types/node': 'types',
  '@types/react': 'types',
  '@types/tar-stream': 'types',
  '@xterm/addon-serialize': 'pictures of the screens out of the terminal of tests',
  '@xterm/headless': 'the terminal of tests: what a user would see',
  ajv: 'the schema is checked against files as editors check it',
  esbuild: 'the bundle',
  'fast-check': 'laws that hold for whatever comes: `npm run fuzz`',
  knip: 'exports, files and packages that nothing uses',
  node: 'the Node.js that all of this works with, the same on every machine; the only package whose install script runs',
  typescript: 'types',
  vitest: 'tests',
};

test('each package has a reason, and the page says what is true of it', () => {
  expect(Object.keys({ ...shipped, ...forWork }).sort()).toEqual(
    Object.keys(manifest.devDependencies).sort(),
  );
  const rowOf = (name: string, why: string): readonly string[] => {
    const { version = '', license = '' } = lock[`node_modules/${name}`] ?? {};
    return [`\`${name}\``, version, license, why];
  };
  const ofBundle = Object.entries(shipped).map(([name, why]) => {
    const brought = broughtBy(lock, `node_modules/${name}`).size;
    const [first = '', version = '', license = '', last = ''] = rowOf(name, why);
    return [first, version, `${kilobytesOf(name)} kB`, String(brought), license, last];
  });
  const now = `# Dependencies

Installing \`stack\` installs nothing else: what it uses is bundled into \`dist\`, and no install script runs, neither its own nor
anyone's. \`dist/bundled.json\` names each package of which something is in there, \`dist/LICENSES.txt\` has their licences, and
\`npm run sbom\` prints all of it as CycloneDX, with the hashes of the lock file.

A package comes in where it does something outside of what \`stack\` is for, and is kept in one place of the source
(\`test/architecture.test.ts\`), so that it can be exchanged. Versions are exact; the lock file has the hash of each.

A test makes this page from \`package-lock.json\`, and fails where a package has no reason:
\`UPDATE=1 npx vitest run --project unit test/dependencies.test.ts\`.

## In the bundle

The size is that of the package as it is installed for work on \`stack\`, without what it brings along; the bundle has less of it.

${table(['package', 'version', 'size', 'brings along', 'licence', 'for'], ofBundle)}

## For work on it

${table(
  ['package', 'version', 'licence', 'for'],
  Object.entries(forWork).map(([name, why]) => rowOf(name, why)),
)}
`;
  if (process.env.UPDATE === '1') writeFileSync(page, now);
  expect(readFileSync(page, 'utf8')).toBe(now);
});

test('what is installed with it runs no script, and is nothing but itself', () => {
  const asksFor = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
  expect(asksFor).toEqual(['devDependencies']);
  const runByNpm = /^(?:pre|post)?(?:install|prepare|publish|uninstall|pack)(?:Only)?$/;
  expect(Object.keys(manifest.scripts).filter((name) => runByNpm.test(name))).toEqual([]);
});

test('no package gets its install script run but the one that needs it', () => {
  const wanting = Object.entries(lock).flatMap(([folder, { hasInstallScript }]) =>
    hasInstallScript === true
      ? [folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)]
      : [],
  );
  const allowed: Readonly<Record<string, boolean>> = manifest.allowScripts;
  expect(wanting.filter((name) => allowed[name] === undefined)).toEqual([]);
  expect(Object.keys(allowed).filter((name) => allowed[name] === true)).toEqual(['node']);
});

test('every package is the one that was looked at, by its hash; each version is said exactly', () => {
  // Those that are made for another system than the one that the lock file was written on may have none.
  const loose = Object.entries(lock).filter(
    ([folder, { integrity, os }]) => folder !== '' && os === undefined && !/^sha512-/.test(integrity ?? ''),
  );
  expect(loose).toEqual([]);
  const ranges = Object.values(manifest.devDependencies).filter(
    (version) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  expect(ranges).toEqual([]);
});

function kilobytesOf(name: string): number {
  const folder = path.join(repository, 'node_modules', name);
  const bytes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.split(path.sep).includes('node_modules'))
    .map((file) => statSync(path.join(folder, file)))
    .reduce((sum, stat) => (stat.isFile() ? sum + stat.size : sum), 0);
  return Math.round(bytes / 1000);
}

/** As the formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((word, column) =>
    Math.max(word.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
