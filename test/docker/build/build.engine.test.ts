import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../../src/docker/api.ts';
import { buildImage } from '../../../src/docker/build/build.ts';
import { connectEngine } from '../../../src/docker/connect.ts';
import { resolveEndpoint } from '../../../src/docker/endpoint.ts';
import type { EngineConnection } from '../../../src/docker/http.ts';
import type { Build } from '../../../src/model/stack.ts';

const run = `buildtest-${randomUUID().slice(0, 8)}`;
const { signal } = new AbortController();
const lines: string[] = [];

let engine: EngineConnection;
/** The same engine as one whose BuildKit cannot be spoken to. */
let closed: EngineConnection;
/** The same engine as one that has only the classic builder. */
let classic: EngineConnection;
let folder: string;

const builders = ['BuildKit', 'BuildKit that cannot be spoken to', 'the classic builder'] as const;
const engineOf = (builder: (typeof builders)[number]): EngineConnection =>
  builder === 'BuildKit' ? engine : builder === 'the classic builder' ? classic : closed;

beforeAll(async () => {
  engine = connectEngine(await resolveEndpoint(process.env));
  closed = {
    ...engine,
    upgrade: ({ signal: own }) => engine.request({ method: 'GET', path: '/nosuch', signal: own }),
  };
  classic = {
    ...closed,
    async request(options) {
      const answer = await engine.request(options);
      return options.path === '/_ping' ? { ...answer, headers: {} } : answer;
    },
  };
  folder = await mkdtemp(path.join(tmpdir(), 'build-'));
  await write('app/run.sh', '#!/bin/sh\necho it runs\n');
  await chmod(path.join(folder, 'app/run.sh'), 0o755);
  await write('app/large.bin', 'x'.repeat(3 * 1024 * 1024));
  await write('app/node_modules/p/index.js', '');
  await symlink('run.sh', path.join(folder, 'app/link'));
  await write('app/.dockerignore', 'node_modules\nDockerfile\n.dockerignore\n');
  await write(
    'app/Dockerfile',
    'FROM redis:7\nARG WORD\nCOPY . /app\nRUN cd /app && ls -A && ./link && echo $WORD\n',
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  const filters = JSON.stringify({ reference: [`${run}-*`] });
  const images = await call<{ Id: string }[]>(engine, 'GET', '/images/json', { query: { filters }, signal });
  await Promise.all(
    images.map(({ Id }) =>
      call(engine, 'DELETE', `/images/${Id}`, { query: { force: '1' }, signal, accept: [404, 409] }),
    ),
  );
});

describe('buildImage on an engine', () => {
  it('builds, labels and names the image', async () => {
    const { imageId } = await build(engine, 'first', { args: { WORD: randomUUID() } });
    const image = await call<{ Id: string; Config: { Labels: object } }>(
      engine,
      'GET',
      `/images/${run}-first/json`,
      { signal },
    );
    expect(image.Id).toBe(imageId);
    expect(image.Config.Labels).toEqual({ made: 'by a test' });
    expect(lines).toContain('it runs');
    expect(lines).not.toContain('node_modules');
  });

  it('finds everything in the cache when nothing has changed', async () => {
    const inline = { dockerfile_inline: 'FROM redis:7\nCOPY . /app\n' };
    const first = await build(engine, 'cached', inline);
    expect(await build(engine, 'cached', inline)).toEqual(first);
  });

  it('builds several at once', async () => {
    const builds = [1, 2, 3, 4].map((n) => build(engine, `many${n}`, { args: { WORD: randomUUID() } }));
    expect(new Set((await Promise.all(builds)).map(({ imageId }) => imageId)).size).toBe(4);
  });

  it('builds without BuildKit too, and takes out what is ignored', async () => {
    lines.length = 0;
    await build(classic, 'classic', { args: { WORD: randomUUID() } });
    expect(lines).toContain('it runs');
    expect(lines).not.toContain('Dockerfile');
    expect(lines).not.toContain('.dockerignore');
  });

  it.each(builders)('tells failures of %s', async (builder) => {
    const by = engineOf(builder);
    const inline = (text: string): Promise<unknown> => build(by, 'fails', { dockerfile_inline: text });
    await expect(inline('FROM redis:7\nRUN echo last words; exit 3\n')).rejects.toMatchObject({
      problems: [
        {
          code: 'build-failed',
          message: expect.stringMatching(/failed at \[2\/\d\] RUN echo last words; exit 3$/),
          cause: expect.stringMatching(/^last words\n/),
        },
      ],
    });
    await expect(inline('FROM redis:7\nFOO\n')).rejects.toMatchObject({
      problems: [{ code: 'build-failed', path: 'services.web.build.dockerfile_inline' }],
    });
    await expect(inline(`FROM nosuch-${run}/thing:9\nRUN true\n`)).rejects.toMatchObject({
      problems: [{ code: 'image-not-found', message: expect.stringContaining(`nosuch-${run}/thing:9`) }],
    });
    await expect(inline('FROM redis:7\nCOPY node_modules/p /x\n')).rejects.toMatchObject({
      problems: [{ code: 'build-failed', hint: expect.stringContaining('!node_modules/p') }],
    });
  });

  it.each(builders)('ends a build of %s that is interrupted', async (builder) => {
    const controller = new AbortController();
    const marker = randomUUID();
    const text = `FROM redis:7\nRUN echo ${marker}; sleep 300\n`;
    const began = performance.now();
    const building = buildImage(
      {
        action: {
          kind: 'build-image',
          service: 'web',
          image: `${run}-slow`,
          build: { context: folder, dockerfile_inline: text },
          labels: {},
        },
      },
      engineOf(builder),
      {
        signal: controller.signal,
        contents: new Map(),
        progress: (progress) => {
          if (progress.lines?.includes(marker)) controller.abort();
        },
      },
    );
    await expect(building).rejects.toMatchObject({ problems: [{ code: 'interrupted' }] });
    expect(performance.now() - began).toBeLessThan(60_000);
    await expect(call(engine, 'GET', `/images/${run}-slow/json`, { signal })).rejects.toThrow(
      'No such image',
    );
  });
});

function build(by: EngineConnection, name: string, more: Partial<Build>): Promise<{ imageId?: string }> {
  return buildImage(
    {
      action: {
        kind: 'build-image',
        service: 'web',
        image: `${run}-${name}`,
        build: { context: path.join(folder, 'app'), ...more },
        labels: { made: 'by a test' },
      },
    },
    by,
    { signal, contents: new Map(), progress: (progress) => lines.push(...(progress.lines ?? [])) },
  );
}

async function write(name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
