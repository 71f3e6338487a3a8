import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage } from '../../../src/docker/build/build.ts';
import type { EngineAnswer, EngineConnection, EngineRequest } from '../../../src/docker/http.ts';
import type { Progress } from '../../../src/model/event.ts';
import { type Problem, ProblemsError } from '../../../src/model/problem.ts';
import type { Build } from '../../../src/model/stack.ts';

const imageId = `sha256:${'1'.repeat(64)}`;

let folder: string;
let told: Progress[];

beforeEach(async () => {
  told = [];
  folder = await mkdtemp(path.join(tmpdir(), 'build-'));
  await writeFile(path.join(folder, 'Dockerfile'), 'FROM redis:7\nCOPY . .\n');
  await writeFile(path.join(folder, 'main.js'), '');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('buildImage', () => {
  it('asks for the build in the words of the engine and gives the id of the image', async () => {
    const engine = fakeEngine([{ id: 'moby.image.id', aux: { ID: imageId } }]);
    const build = {
      args: { VERSION: '1 2' },
      labels: { mine: 'a', both: 'mine' },
      target: 'dev',
      no_cache: true,
      pull: true,
      tags: ['shop:dev'],
      cache_from: ['shop:cache'],
      extra_hosts: ['db=10.0.0.5'],
      network: 'host',
      shm_size: 1024,
      ulimits: { nofile: { soft: 1, hard: 2 } },
    };
    expect(await run(engine, build, { platform: 'linux/arm64', labels: { both: 'ours' } })).toEqual({
      imageId,
    });
    const [ping, request] = engine.requests;
    expect(ping?.path).toBe('/_ping');
    expect(request).toMatchObject({
      method: 'POST',
      path: '/build',
      headers: { 'Content-Type': 'application/x-tar' },
      query: {
        version: '2',
        t: ['shop-web', 'shop:dev'],
        cachefrom: '["shop:cache"]',
        extrahosts: ['db:10.0.0.5'],
        networkmode: 'host',
        shmsize: '1024',
        ulimits: '[{"Name":"nofile","Soft":1,"Hard":2}]',
        dockerfile: 'Dockerfile',
        buildargs: '{"VERSION":"1 2"}',
        labels: '{"mine":"a","both":"ours"}',
        target: 'dev',
        nocache: '1',
        pull: '1',
        platform: 'linux/arm64',
        buildid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    expect(engine.sent).toEqual(['Dockerfile', 'main.js']);
  });

  it('leaves out what was not asked for', async () => {
    const engine = fakeEngine([{ aux: { ID: imageId } }]);
    await run(engine, {});
    const query = engine.requests[1]?.query ?? {};
    expect(['buildargs', 'target', 'nocache', 'pull', 'platform'].map((key) => query[key])).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('tells the failing step of BuildKit with what it wrote', async () => {
    const recorded = await readFile(path.join(import.meta.dirname, 'failing.buildkit.ndjson'), 'utf8');
    const problem = await problemOf(run(fakeEngine(recorded), {}));
    expect(problem).toMatchObject({
      code: 'build-failed',
      service: 'web',
      path: 'services.web.build',
      message: 'the build of web failed at [4/4] RUN echo "Grüße"; cat note.txt; echo broken >&2; exit 7',
      cause: expect.stringMatching(
        /^Grüße\na note\nbroken\nprocess ".*" did not complete successfully: exit code: 7$/,
      ),
    });
    expect(told.flatMap(({ lines = [] }) => lines)).toEqual(['Grüße', 'a note', 'broken']);
  });

  it('asks an engine without BuildKit for its own builder, with the ignore file it wants', async () => {
    await writeFile(path.join(folder, '.dockerignore'), '.dockerignore\nDockerfile\n');
    const answer = [
      { stream: 'Step 1/2 : FROM redis:7' },
      { stream: '\n' },
      { status: 'Pulling from library/redis', id: '7' },
      { stream: ' ---> 0d7e6abb4e0c\n' },
      { stream: 'Step 2/2 : RUN echo one; echo two >&2' },
      { stream: '\n' },
      { stream: ' ---> Running in e019a33c7b02\n' },
      { stream: 'one\n' },
      { stream: '\u001b[91mtwo\n\u001b[0m' },
      { stream: ' ---> Removed intermediate container e019a33c7b02\n ---> 4f\n' },
      { aux: { ID: imageId } },
      { stream: 'Successfully built 4f\nSuccessfully tagged shop-web:latest\n' },
    ];
    const engine = fakeEngine(answer, { builder: undefined });
    expect(await run(engine, {})).toEqual({ imageId });
    expect(engine.requests[1]?.query?.version).toBe('1');
    expect(engine.sent).toEqual(['main.js', 'Dockerfile', '.dockerignore']);
    const first = { text: '[1/2] FROM redis:7', current: 0, total: 2 };
    const second = { text: '[2/2] RUN echo one; echo two >&2', current: 1, total: 2 };
    const [one, two] = [first.text, second.text];
    const milliseconds = expect.any(Number);
    expect(told).toEqual([
      { ...first, parts: [{ name: one, state: 'running' }] },
      first,
      {
        ...second,
        parts: [
          { name: one, state: 'done', milliseconds },
          { name: two, state: 'running' },
        ],
      },
      { ...second, lines: ['one'], parts: [{ name: two, state: 'running', lines: ['one'] }] },
      { ...second, lines: ['two'], parts: [{ name: two, state: 'running', lines: ['two'] }] },
      { parts: [{ name: two, state: 'done', milliseconds }] },
    ]);
  });

  it('tells the failing step of the classic builder', async () => {
    const answer = [
      { stream: 'Step 1/2 : FROM redis:7\n ---> Using cache\nStep 2/2 : RUN false\nlast words' },
      {
        errorDetail: { code: 1, message: "The command '/bin/sh -c false' returned a non-zero code: 1" },
        error: "The command '/bin/sh -c false' returned a non-zero code: 1",
      },
    ];
    const problem = await problemOf(run(fakeEngine(answer, { builder: '1' }), {}));
    expect(problem).toMatchObject({
      message: 'the build of web failed at [2/2] RUN false',
      cause: "last words\nThe command '/bin/sh -c false' returned a non-zero code: 1",
    });
    const milliseconds = expect.any(Number);
    expect(told).toEqual([
      {
        text: '[2/2] RUN false',
        current: 1,
        total: 2,
        parts: [
          { name: '[1/2] FROM redis:7', state: 'cached', milliseconds },
          { name: '[2/2] RUN false', state: 'running' },
        ],
      },
      {
        lines: ['last words'],
        parts: [{ name: '[2/2] RUN false', state: 'failed', milliseconds, lines: ['last words'] }],
      },
    ]);
  });

  it('says where a Dockerfile is wrong', async () => {
    const said = 'dockerfile parse error on line 2: unknown instruction: COPI (did you mean COPY?)';
    const onDisk = await problemOf(run(fakeEngine([{ error: said }]), {}));
    expect(onDisk).toMatchObject({
      code: 'build-failed',
      message: 'the Dockerfile of web cannot be parsed: unknown instruction: COPI (did you mean COPY?)',
      location: { file: path.join(folder, 'Dockerfile'), line: 2, column: 1 },
      sourceLine: 'COPY . .',
      cause: said,
    });
    const refusal = fakeEngine(JSON.stringify({ message: said.replace('on line', 'line') }), { status: 400 });
    expect((await problemOf(run(refusal, {}))).location).toEqual(onDisk.location);
    const inline = await problemOf(
      run(fakeEngine([{ error: said }]), { dockerfile_inline: 'FROM a\nCOPI b' }),
    );
    expect(inline.path).toBe('services.web.build.dockerfile_inline');
    expect(inline.location).toBeUndefined();
    expect(inline.hint).toBe('correct line 2 of dockerfile_inline');
  });

  it.each([
    [
      'nosuch/thing:9: failed to resolve source metadata for docker.io/nosuch/thing:9: docker.io/nosuch/thing:9: not found',
      'nosuch/thing:9',
      /docker login/,
    ],
    [
      'failed to resolve source metadata for docker.io/library/redis:99: failed to do request: dial tcp: lookup registry-1.docker.io: no such host',
      'redis:99',
      /does not reach the registry/,
    ],
    ['pull access denied for nosuch, repository does not exist', 'of the Dockerfile', /docker login/],
  ])('says that a base image cannot be pulled: %s', async (said, image, hint) => {
    const problem = await problemOf(run(fakeEngine([{ errorDetail: { message: said } }]), {}));
    expect(problem).toMatchObject({
      code: 'image-not-found',
      service: 'web',
      message: `the base image ${image} for web cannot be pulled`,
      hint: expect.stringMatching(hint),
      cause: said,
    });
  });

  it('says when a file that is to be copied is ignored', async () => {
    await writeFile(path.join(folder, '.dockerignore'), 'main.js\n');
    for (const said of ['"/main.js": not found', 'COPY failed: stat main.js: file does not exist']) {
      const problem = await problemOf(run(fakeEngine([{ error: said }]), {}));
      expect(problem.hint).toBe('main.js is left out by .dockerignore: add the line !main.js to it');
    }
    expect((await problemOf(run(fakeEngine([{ error: '"/none": not found' }]), {}))).hint).toBe(
      'there is no none in the build context of web: add it, or correct the path',
    );
  });

  it('takes an answer without an image for a failure', async () => {
    expect((await problemOf(run(fakeEngine([]), {}))).cause).toBe(
      'the engine ended the build without an image',
    );
    const proxy = fakeEngine('<html>Bad Gateway</html>\n', { status: 502 });
    expect((await problemOf(run(proxy, {}))).cause).toBe('<html>Bad Gateway</html>');
    await expect(run(fakeEngine('{"stream":"half'), {})).rejects.toThrow('no JSON');
  });

  it('asks the engine nothing when the context or the Dockerfile is missing', async () => {
    const engine = fakeEngine([]);
    const problem = await problemOf(run(engine, { dockerfile: 'none' }));
    expect(problem.code).toBe('missing-build-file');
    expect(engine.requests).toEqual([]);
  });

  it('names a malformed ignore file', async () => {
    await writeFile(path.join(folder, '.dockerignore'), 'ok\n[a-\n');
    const problem = await problemOf(run(fakeEngine([]), {}));
    expect(problem).toMatchObject({
      code: 'invalid-value',
      message: 'the ignore pattern "[a-" is malformed',
      location: { file: path.join(folder, '.dockerignore'), line: 2, column: 1 },
      sourceLine: '[a-',
    });
  });

  it('tells what of the context cannot be read, rather than that the connection ended', async () => {
    const engine: EngineConnection = {
      ...fakeEngine([]),
      async request({ path: called, body }) {
        if (called === '/_ping') {
          // Now that the Dockerfile was found, the folder goes away.
          await rm(folder, { recursive: true });
          return { status: 200, headers: {}, body: Readable.from([]) };
        }
        await new Promise((resolve) => (body as Readable).on('error', resolve).resume());
        throw new Error('socket hang up');
      },
    };
    const problem = await problemOf(run(engine, {}));
    expect(problem).toMatchObject({
      code: 'unreadable-file',
      message: `cannot read ${folder}, which is part of the build context`,
    });
  });

  it('leaves it to others to tell of a lost connection', async () => {
    const engine = { ...fakeEngine([]), request: () => Promise.reject(new Error('socket hang up')) };
    await expect(run(engine, {})).rejects.toThrow('socket hang up');
  });

  it('cancels the build on the engine when it is interrupted', async () => {
    const controller = new AbortController();
    const engine = fakeEngine([], { hang: true, hung: () => controller.abort() });
    const problem = await problemOf(run(engine, {}, {}, controller.signal));
    expect(problem.code).toBe('interrupted');
    const [, build, cancel] = engine.requests;
    expect(cancel).toMatchObject({
      method: 'POST',
      path: '/build/cancel',
      query: { id: build?.query?.buildid },
    });
    expect(cancel?.signal.aborted).toBe(false);
    expect(build?.signal.aborted).toBe(true);
  });
});

async function run(
  engine: EngineConnection,
  build: Partial<Build>,
  action: { platform?: string; labels?: Record<string, string> } = {},
  signal = new AbortController().signal,
): Promise<{ imageId?: string }> {
  return buildImage(
    {
      action: {
        kind: 'build-image',
        service: 'web',
        image: 'shop-web',
        build: { context: folder, ...build },
        labels: {},
        ...action,
      },
    },
    engine,
    { signal, contents: new Map(), progress: (progress) => told.push(progress) },
  );
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemsError) || error.problems[0] === undefined) throw error;
  return error.problems[0];
}

interface FakeOptions {
  readonly builder?: string | undefined;
  readonly status?: number;
  /** The answer begins but never ends. */
  readonly hang?: boolean;
  readonly hung?: () => void;
}

interface FakeEngine extends EngineConnection {
  readonly requests: EngineRequest[];
  /** Names of the entries of the context. */
  readonly sent: string[];
}

/** Reads the whole context, then answers with the messages. */
function fakeEngine(answer: readonly object[] | string, options: FakeOptions = {}): FakeEngine {
  const { builder = 'builder' in options ? undefined : '2', status = 200, hang = false, hung } = options;
  const text =
    typeof answer === 'string' ? answer : answer.map((line) => `${JSON.stringify(line)}\n`).join('');
  const requests: EngineRequest[] = [];
  const sent: string[] = [];
  const respond = (body: Readable): EngineAnswer => ({
    status,
    headers: builder === undefined ? {} : { 'builder-version': builder },
    body,
  });
  return {
    requests,
    sent,
    // Its BuildKit cannot be spoken to.
    upgrade: async () => ({ status: 404, headers: {}, body: Readable.from([]) }),
    async request(request) {
      requests.push(request);
      if (request.path !== '/build') return respond(Readable.from([]));
      const reader = extract();
      const finished = (async () => {
        for await (const entry of reader) {
          sent.push(entry.header.name);
          entry.resume();
        }
      })();
      (request.body as Readable).pipe(reader);
      await finished;
      if (!hang) return respond(Readable.from(text === '' ? [] : [Buffer.from(text)]));
      const body = new Readable({ read: () => undefined });
      request.signal.addEventListener('abort', () => body.destroy(new Error('aborted')));
      if (hung !== undefined) setImmediate(hung);
      return respond(body);
    },
  };
}
