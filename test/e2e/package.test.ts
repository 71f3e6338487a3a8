import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { billOf } from '../lab/sbom/bill.ts';

const repository = path.resolve(import.meta.dirname, '../..');

/** The files of the package, as npm would publish it. */
let files: readonly string[];
/** A folder with nothing but these files in it. */
let top: string;

beforeAll(() => {
  const npm = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: repository,
    encoding: 'utf8',
  });
  const [packed] = JSON.parse(npm.stdout) as readonly {
    readonly files: readonly { readonly path: string }[];
  }[];
  files = (packed?.files ?? []).map((file) => file.path);
  top = mkdtempSync(path.join(os.tmpdir(), 'stack-package-'));
  for (const file of files) {
    mkdirSync(path.dirname(path.join(top, file)), { recursive: true });
    copyFileSync(path.join(repository, file), path.join(top, file));
  }
});

afterAll(() => rmSync(top, { recursive: true, force: true }));

test('the package has what it needs and nothing else', () => {
  const kinds = [
    /^(?:README|CHANGELOG|SECURITY)\.md$/,
    /^(?:LICENSE|package\.json)$/,
    /^bin\/[\w-]+\.(?:js|json)$/,
    /^schema\/stack\.schema\.json$/,
    /^dist\/[\w-]+\.c?js$/,
    /^dist\/(?:LICENSES\.txt|bundled\.json)$/,
    /^dist\/types\/.*\.d\.ts$/,
  ];
  expect(files.filter((file) => !kinds.some((kind) => kind.test(file)))).toEqual([]);
  for (const kind of kinds) expect([kind, files.some((file) => kind.test(file))]).toEqual([kind, true]);
});

test('the package works by itself, as a program and as a library', () => {
  writeFileSync(path.join(top, 'compose.yaml'), 'name: alone\nservices: {a: {image: "${IMAGE:-busybox}"}}\n');
  const run = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: top, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  expect(run('bin/stack.js', 'config', '--images')).toEqual({ status: 0, stdout: 'busybox\n', stderr: '' });
  const library = `const { loadStack } = await import('./dist/index.js');
    const { stack } = await loadStack({ directory: process.cwd(), files: [], profiles: [], services: [], environment: { IMAGE: 'b' } });
    console.log(stack.services.a.image);`;
  expect(run('--input-type=module', '-e', library)).toEqual({ status: 0, stdout: 'b\n', stderr: '' });
});

test('what is bundled is told, with its licences, and all of it comes with what the page of dependencies names', () => {
  const bundled = JSON.parse(readFileSync(path.join(top, 'dist/bundled.json'), 'utf8'));
  const { components, dependencies } = billOf(bundled);
  const names = components.map(({ name }) => name);
  for (const name of [
    'chokidar',
    'commander',
    'dockerode',
    'ink',
    'react',
    'string-width',
    'tar-stream',
    'yaml',
  ])
    expect(names).toContain(name);
  for (const { hashes } of components) expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/);
  // Everything is needed by something that is.
  const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn));
  expect(components.filter((one) => !needed.has(one['bom-ref']))).toEqual([]);
  // What is left out of the client of the engine.
  expect(names.filter((name) => /ssh2|grpc|protobuf|nan$|cpu-features/.test(name))).toEqual([]);
  const licences = readFileSync(path.join(top, 'dist/LICENSES.txt'), 'utf8');
  for (const { name, version } of components) expect(licences).toContain(`${name} ${version} (`);
  expect(existsSync(path.join(top, 'node_modules'))).toBe(false);
  expect(manifest.license).toBe('MIT');
});
