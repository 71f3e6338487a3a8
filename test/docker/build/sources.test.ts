import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSources } from '../../../src/docker/build/sources.ts';
import { buildFiles } from '../../../src/docker/build/watched.ts';

let folder: string;
let context: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sources-'));
  context = path.join(folder, 'app');
  await write('app/Dockerfile', 'FROM redis:7\n');
});

afterEach(() => rm(folder, { recursive: true }));

describe('findSources', () => {
  it('finds the Dockerfile in the context and sends nothing besides', async () => {
    const { dockerfile, extraFiles } = await findSources('web', { context });
    expect(dockerfile).toEqual({ name: 'Dockerfile', path: at('app/Dockerfile'), text: 'FROM redis:7\n' });
    expect(extraFiles.size).toBe(0);
  });

  it('sends a Dockerfile that is ignored all the same', async () => {
    await write('app/.dockerignore', '*\n');
    const { extraFiles } = await findSources('web', { context });
    expect([...extraFiles]).toEqual([['Dockerfile', Buffer.from('FROM redis:7\n')]]);
  });

  it('sends one from elsewhere, an inline one and one behind a link under a name of its own', async () => {
    await write('other/Dockerfile', 'FROM node:24\n');
    await symlink('../other/Dockerfile', at('app/linked'));
    await symlink('../other', at('app/folder'));
    const names = new Set<string>();
    const builds = [
      { context, dockerfile: '../other/Dockerfile' },
      { context, dockerfile: at('other/Dockerfile') },
      { context, dockerfile: 'linked' },
      { context, dockerfile: 'folder/Dockerfile' },
      { context, dockerfile_inline: 'FROM node:24\n' },
    ];
    for (const build of builds) {
      const { dockerfile, extraFiles } = await findSources('web', build);
      expect([...extraFiles]).toEqual([[dockerfile.name, Buffer.from('FROM node:24\n')]]);
      names.add(dockerfile.name);
    }
    // The same contents under another name would make the engine copy the whole context anew.
    expect([...names]).toEqual([expect.stringMatching(/^\.dockerfile\.[0-9a-f]{16}$/)]);
  });

  it('finds a Dockerfile when the context itself is a link', async () => {
    await symlink('app', at('alias'));
    const { dockerfile, extraFiles } = await findSources('web', { context: at('alias') });
    expect(dockerfile.name).toBe('Dockerfile');
    expect(extraFiles.size).toBe(0);
  });

  it('prefers the ignore file that belongs to the Dockerfile', async () => {
    await write('app/.dockerignore', 'a\n');
    await write('app/dev.Dockerfile', 'FROM redis:7\n');
    await write('app/dev.Dockerfile.dockerignore', 'b\n');
    const dev = await findSources('web', { context, dockerfile: 'dev.Dockerfile' });
    expect([dev.ignore.ignored('a'), dev.ignore.ignored('b')]).toEqual([false, true]);
    const usual = await findSources('web', { context });
    expect([usual.ignore.ignored('a'), usual.ignore.ignored('b')]).toEqual([true, false]);
  });

  it('tells which file is missing', async () => {
    await expect(findSources('web', { context: at('none') })).rejects.toMatchObject({
      problems: [{ code: 'missing-build-file', service: 'web', path: 'services.web.build.context' }],
    });
    await expect(findSources('web', { context: at('app/Dockerfile') })).rejects.toThrow(
      'the build context of web',
    );
    for (const dockerfile of ['none', '.', 'Dockerfile/none']) {
      await expect(findSources('web', { context, dockerfile })).rejects.toMatchObject({
        problems: [
          {
            code: 'missing-build-file',
            path: 'services.web.build.dockerfile',
            message: `the Dockerfile of web does not exist: ${path.resolve(context, dockerfile)}`,
          },
        ],
      });
    }
  });
});

describe('findSources of a context that is an address', () => {
  const remote = { context: 'https://git.example/team/app.git#main' };

  it('leaves it and its Dockerfile to the builder', async () => {
    const { dockerfile, ...sources } = await findSources('web', { ...remote, dockerfile: 'deploy/Df' });
    expect(sources).toMatchObject({ remote: true, context: remote.context });
    expect(dockerfile).toEqual({ name: 'deploy/Df' });
  });

  it('takes a Dockerfile of this machine by its whole path, or from the stack file', async () => {
    const file = at('app/Dockerfile');
    expect((await findSources('web', { ...remote, dockerfile: file })).dockerfile.path).toBe(file);
    expect((await findSources('web', { ...remote, dockerfile_inline: 'FROM x' })).dockerfile.text).toBe(
      'FROM x',
    );
    await expect(findSources('web', { ...remote, dockerfile: at('nosuch') })).rejects.toThrow(
      'does not exist',
    );
  });
});

describe('buildFiles', () => {
  /** Nothing is known of any image. */
  const none = new Set<string>();

  it('includes of the context what the Dockerfile copies, as it is then, and what decides', async () => {
    await write('app/.dockerignore', 'src/tmp\n');
    await write('app/Dockerfile', 'FROM redis:7\nCOPY src /src\n');
    const { includes, prunes } = await buildFiles({ context }, new Set(['redis:7']));
    const names = ['app/Dockerfile', 'app/Dockerfile.dockerignore', 'app/.dockerignore', 'app', 'app/src/a'];
    expect(names.map((name) => includes(at(name)))).toEqual([true, true, true, true, true]);
    expect([includes(at('app/README.md')), includes(at('app/src/tmp/x'))]).toEqual([false, false]);
    await write('app/Dockerfile', 'FROM redis:7\nCOPY src README.md /src/\n');
    expect([includes(at('app/README.md')), prunes(at('app/docs'))]).toEqual([true, false]);
  });

  it('includes what is sent, the Dockerfile and the ignore file', async () => {
    await write('app/.dockerignore', 'node_modules\n*.log\n.dockerignore\nDockerfile\n');
    const { includes, prunes } = await buildFiles({ context }, none);
    const included = ['app/src/main.js', 'app/Dockerfile', 'app/.dockerignore', 'app'];
    expect(included.map((name) => includes(at(name)))).toEqual([true, true, true, true]);
    const others = ['app/x.log', 'app/node_modules/p/x.js', 'application/x', 'x'];
    expect(others.map((name) => includes(at(name)))).toEqual([false, false, false, false]);
    expect(prunes(at('app/node_modules'))).toBe(true);
    expect(prunes(at('app/src'))).toBe(false);
    expect(prunes(context)).toBe(false);
  });

  it('includes a Dockerfile outside of the context, and one in an ignored folder', async () => {
    await write('app/.dockerignore', 'deploy\n');
    const outside = await buildFiles({ context, dockerfile: '../docker/Dockerfile' }, none);
    expect(outside.includes(at('docker/Dockerfile'))).toBe(true);
    expect(outside.prunes(at('docker'))).toBe(false);
    const ignored = await buildFiles({ context, dockerfile: 'deploy/Dockerfile' }, none);
    expect(ignored.includes(at('app/deploy/Dockerfile'))).toBe(true);
    expect(ignored.includes(at('app/deploy/other'))).toBe(false);
    expect(ignored.prunes(at('app/deploy'))).toBe(false);
  });

  it('includes folders of further contexts, and nothing of what is behind an address', async () => {
    await write('app/.dockerignore', 'lib\n');
    const contexts = { lib: at('app/lib/own'), base: 'service:base', image: 'docker-image://alpine' };
    const further = await buildFiles({ context, additional_contexts: contexts }, none);
    expect(further.folders).toEqual([context, at('app/lib/own')]);
    expect([at('app/lib/own/x'), at('app/lib/x')].map(further.includes)).toEqual([true, false]);
    expect([at('app/lib'), at('app/lib/own'), at('app/lib/b')].map(further.prunes)).toEqual([
      false,
      false,
      true,
    ]);
    const remote = { context: 'https://git.example/a.git', additional_contexts: { lib: at('lib') } };
    expect((await buildFiles(remote, none)).folders).toEqual([at('lib')]);
  });
});

function at(name: string): string {
  return path.join(folder, name);
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), text);
}
