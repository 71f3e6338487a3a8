import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { readGitReference } from '../../src/load/project/git.ts';
import { freePort } from '../helpers/free-port.ts';
import { folder, loadText, problemsIn, request } from './folder.ts';

test.each([
  ['https://example.com/a/b.git', 'https://example.com/a/b.git', '', ''],
  ['https://example.com/a/b.git#v1', 'https://example.com/a/b.git', 'v1', ''],
  ['ssh://git@example.com/a/b#v1:sub/x', 'ssh://git@example.com/a/b', 'v1', 'sub/x'],
  ['git@example.com:a/b.git#:sub', 'git@example.com:a/b.git', '', 'sub'],
  ['github.com/a/b#main', 'https://github.com/a/b', 'main', ''],
])('the reference %s', (text, url, ref, where) => {
  expect(readGitReference(text)).toEqual({ url, ref, folder: where });
});

test.each(['compose.yaml', './a.git', '/srv/a.git', 'https://example.com/a/b', 'C:\\a.git'])(
  '%s is no reference',
  (text) => {
    expect(readGitReference(text)).toBeUndefined();
  },
);

test.each([
  ['oci://example.com/a', 'unsupported-source'],
  ['https://example.com/compose.yaml', 'unsupported-source'],
  ['file:///srv/a.git', 'unsupported-source'],
  ['ssh://-oProxyCommand=x/a.git', 'remote-failed'],
  ['git://example.com/a.git#--upload-pack=x', 'remote-failed'],
])('%s is told, and nothing is started for it', async (reference, code) => {
  const environment = { HOME: '/nowhere', PATH: '/nowhere' };
  const asked = request('/', { files: [reference], environment });
  expect(await problemsIn(loadStack(asked))).toMatchObject([{ code, hint: expect.any(String) }]);
  const included = await problemsIn(loadText(`include:\n  - "${reference}"`, { environment }));
  expect(included).toMatchObject([{ code, location: { line: 2 } }]);
});

test('without git it says so', async () => {
  const directory = folder({});
  const environment = { HOME: directory, PATH: directory };
  const asked = request(directory, { files: ['git://localhost/a.git'], environment });
  expect(await problemsIn(loadStack(asked))).toMatchObject([
    { code: 'command-not-found', hint: 'install git' },
  ]);
});

test.each([
  ['me', 'https://me@example.com/a.git', false],
  ['me:p@ss', 'https://example.com/a.git', true],
  ['token_of_20_characters', 'https://example.com/a.git', true],
])('of the login %s git is told by its words nothing that is secret', async (login, url, isApart) => {
  const directory = folder({});
  const script = `#!/bin/sh\ncd '${directory}' && echo "$*" > words && echo "$GIT_CONFIG_VALUE_0" > login; exit 1\n`;
  writeFileSync(path.join(directory, 'git'), script, { mode: 0o755 });
  const environment = { HOME: directory, PATH: directory };
  const asked = request(directory, { files: [`https://${login}@example.com/a.git`], environment });
  expect(await problemsIn(loadStack(asked))).toMatchObject([{ code: 'remote-failed' }]);
  const read = (name: string) => readFileSync(path.join(directory, name), 'utf8').trim();
  expect(read('words').split(' ')).toContain(url);
  expect(read('login').startsWith('Authorization: Basic ')).toBe(isApart);
});

const hasDaemon = spawnSync('git', ['daemon', '--no-such-option']).stderr?.includes('usage') === true;
// biome-ignore lint/suspicious/noConsole: whoever reads the results must know.
if (!hasDaemon) console.warn('remote files are not tested: `git daemon` is not installed');

describe.skipIf(!hasDaemon)('files of a git repository', () => {
  let root = '';
  let address = '';
  let environment: Record<string, string> = {};
  let stop = () => {};

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'stack-git-')));
    const work = path.join(root, 'work');
    mkdirSync(path.join(work, 'deep/down'), { recursive: true });
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: work });
    git('init', '--quiet', '--initial-branch=main');
    writeFileSync(path.join(work, 'compose.yaml'), 'services: {a: {image: "one$V", build: .}}');
    writeFileSync(path.join(work, '.env'), 'V=inside');
    writeFileSync(
      path.join(work, 'deep/down/compose.yml'),
      'services: {d: {extends: {file: ../x.yaml, service: x}}}',
    );
    writeFileSync(path.join(work, 'deep/x.yaml'), 'services: {x: {image: x, volumes: ["./v:/v"]}}');
    symlinkSync('/etc', path.join(work, 'out'));
    git('add', '--all');
    git('commit', '--quiet', '--message=one');
    git('tag', '--annotate', '--message=v1', 'v1');
    writeFileSync(path.join(work, 'compose.yaml'), 'services: {a: {image: two}}');
    git('commit', '--quiet', '--all', '--message=two');
    git('branch', 'a/main');

    const port = await freePort();
    const daemon = spawn(
      'git',
      [
        'daemon',
        '--reuseaddr',
        '--export-all',
        '--verbose',
        `--base-path=${root}`,
        '--listen=127.0.0.1',
        `--port=${port}`,
      ],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await once(daemon.stderr, 'data');
    stop = () => process.kill(-(daemon.pid ?? 0));
    address = `git://127.0.0.1:${port}/work`;
    environment = { PATH: process.env.PATH ?? '', HOME: root, XDG_CACHE_HOME: path.join(root, 'cache') };
  });

  afterAll(() => {
    stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('with -f: the branch, a tag, a folder, a file', async () => {
    const directory = folder({ '.env': 'V=cwd' });
    const load = async (reference: string) =>
      (await loadStack(request(directory, { files: [`${address}${reference}`], environment }))).stack;
    expect(await load('')).toMatchObject({ name: 'p', services: { a: { image: 'two' } } });
    const tagged = await load('#v1');
    expect(tagged.services.a).toEqual(
      expect.objectContaining({
        image: 'onecwd',
        build: expect.objectContaining({ context: tagged.directory }),
      }),
    );
    for (const reference of ['#main:deep/down', '#:deep/down/compose.yml']) {
      const { services, directory: inside } = await load(reference);
      expect(path.basename(inside)).toBe('down');
      expect(services.d?.volumes).toMatchObject([{ source: path.join(inside, '../v') }]);
    }
  });

  test('in include and extends, with the variables of the repository in what is included', async () => {
    const directory = folder({
      'compose.yaml': [
        `include: ["${address}#v1"]`,
        `services: {b: {extends: {file: "${address}#:deep/x.yaml", service: x}}}`,
      ].join('\n'),
    });
    const { stack } = await loadStack(request(directory, { environment }));
    expect(stack.services).toMatchObject({ a: { image: 'oneinside' }, b: { image: 'x' } });
  });

  test('a copy is kept by its commit, whole, and read without asking again', async () => {
    const directory = folder({});
    const { stack } = await loadStack(request(directory, { files: [`${address}#v1`], environment }));
    const copies = readdirSync(path.join(root, 'cache/stack/git'));
    expect(copies.every((name) => /^[0-9a-f]{40}$/.test(name))).toBe(true);
    expect(readdirSync(stack.directory)).not.toContain('.git');
    const commit = path.basename(stack.directory);
    const gone = `git://127.0.0.1:1/none#${commit}`;
    const again = await loadStack(request(directory, { files: [gone], environment }));
    expect(again.stack.services.a?.image).toBe('one');
  });

  test.each([
    ['#none', 'has no branch or tag `none`'],
    ['#:nothing', 'there is no `nothing` in the repository'],
    ['#:deep', 'there is no stack file in'],
    ['#:../..', 'leads out of the repository'],
    ['#:out/passwd', 'leads out of the repository'],
  ])('what cannot be had of it: %s', async (reference, words) => {
    const asked = request(folder({}), { files: [`${address}${reference}`], environment });
    expect(await problemsIn(loadStack(asked))).toMatchObject([
      { code: 'remote-failed', message: expect.stringContaining(words), hint: expect.any(String) },
    ]);
  });

  test('a repository that does not answer: git says why', async () => {
    const asked = request(folder({}), { files: ['git://127.0.0.1:1/none.git'], environment });
    expect(await problemsIn(loadStack(asked))).toMatchObject([
      { code: 'remote-failed', cause: expect.stringContaining('fatal:') },
    ]);
  });

  test('variables of a hook do not lead git to another repository', async () => {
    const hook = {
      ...environment,
      GIT_DIR: path.join(root, 'hook'),
      XDG_CACHE_HOME: path.join(root, 'other'),
    };
    await loadStack(request(folder({}), { files: [address], environment: hook }));
    expect(readdirSync(root)).not.toContain('hook');
  });

  test('the switch of Docker Compose turns it off', async () => {
    const directory = folder({ '.env': 'COMPOSE_EXPERIMENTAL_GIT_REMOTE=false' });
    const asked = request(directory, { files: [address], environment });
    expect(await problemsIn(loadStack(asked))).toMatchObject([{ code: 'unsupported-source' }]);
  });
});
