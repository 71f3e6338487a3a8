import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { readUrl } from '../../../src/docker/address.ts';
import { decodeMessage, encodeMessage } from '../../../src/docker/build/grpc/protobuf.ts';
import { readSshKey } from '../../../src/docker/build/session/ssh-key.ts';
import { decodeStatus } from '../../../src/docker/build/status.ts';
import { registryCredentials } from '../../../src/docker/credentials.ts';
import type { EngineHttp } from '../../../src/docker/http.ts';
import { createSplit, type Piece, readLogLines } from '../../../src/docker/streams/demux.ts';
import { createDetachFilter, parseDetachKeys } from '../../../src/docker/streams/detach.ts';
import { createLineSplitter } from '../../../src/docker/streams/lines.ts';
import { readJsonLines } from '../../../src/docker/streams/ndjson.ts';
import { bringBack } from '../../../src/docker/sync/back.ts';
import { unpack } from '../../../src/docker/unpack.ts';
import { ProblemsError } from '../../../src/model/problem.ts';
import { readChallenge } from '../../../src/registry/auth.ts';
import { frame } from '../../helpers/frame.ts';
import { anySizes, bytesOf, chunksOf, type Law, law, outcomeOf, textsOf } from './law.ts';

const lineText = textsOf(
  ...['{"a":', '1', '}', '[', ']', '"', '\\', 'é', '🙂', '\n', '\r\n', ' ', 'null', '\u2028'],
);

/** A frame of output: its kind, its length, its contents; each may be wrong. */
const frames = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' }))
          .map((written) => frame(...written)),
      },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

const wireMessage = bytesOf(
  [0x0a, 0x02],
  [0x0a, 0x00],
  [0x12, 0x04],
  [0x2a, 0x02, 0x08, 0x01],
  [0x80],
  [0xff],
  [0x08, 0x01],
  [0x22, 0x01],
);

const anyJson = fc.jsonValue({ maxDepth: 2 });
const registry = fc.constantFrom(
  'docker.io',
  'https://index.docker.io/v1/',
  'r.example:5000',
  '',
  '__proto__',
  'constructor',
);
const entry = fc.oneof(
  anyJson,
  fc.record(
    {
      auth: fc.oneof(
        anyJson,
        fc.string().map((text) => Buffer.from(text).toString('base64')),
      ),
      username: fc.oneof(fc.string(), anyJson),
      password: fc.oneof(fc.string(), anyJson),
      identitytoken: fc.oneof(fc.string(), anyJson),
    },
    { requiredKeys: [] },
  ),
);
const dockerConfig = fc.oneof(
  { weight: 1, arbitrary: anyJson },
  {
    weight: 8,
    arbitrary: fc.record({ auths: fc.oneof(anyJson, fc.dictionary(registry, entry)) }, { requiredKeys: [] }),
  },
  // Each program that is asked is one that is started.
  {
    weight: 1,
    arbitrary: fc.record(
      {
        credHelpers: fc.oneof(anyJson, fc.dictionary(registry, anyJson, { maxKeys: 1 })),
        credsStore: anyJson,
      },
      { requiredKeys: [] },
    ),
  },
);

const entryName = textsOf(...['a', 'b', 'link', '/', '..', '.', 'gen/', '\\', 'C:', ' ', '🙂']);
const tarEntry: fc.Arbitrary<Partial<Header> & { readonly name: string; readonly text: string }> = fc.record({
  name: entryName.map((name) => name.slice(0, 200) || 'a'),
  type: fc.constantFrom(
    'file',
    'directory',
    'symlink',
    'link',
    'contiguous-file',
    'fifo',
    'character-device',
  ),
  linkname: fc.constantFrom('..', '../secret', '/etc/passwd', 'a', '.', 'link'),
  mode: fc.constantFrom(0o644, 0o755, 0o4755, 0o200),
  mtime: fc.constantFrom(new Date(0), new Date(1e12)),
  text: fc.constantFrom('', 'x', 'y'.repeat(700)),
});
/** A tar of some entries, in which some bytes are others. */
const archive = fc
  .tuple(fc.array(tarEntry, { maxLength: 5 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([entries, changes]) => ({ entries, changes }));

/** The parsers of what engines, containers, registries and other programs say. */
export const engineLaws: readonly Law[] = [
  law(
    'JSON lines: however they are cut, they say the same, or what is none is told',
    fc.tuple(lineText, anySizes),
    async ([text, sizes]) => {
      const bytes = Buffer.from(text);
      const [cut, whole] = [await jsonOf(chunksOf(bytes, sizes)), await jsonOf([bytes])];
      assert.deepEqual(cut, whole);
      if (cut.error !== undefined) assert.match(cut.error, /^the engine sent a line that is no JSON: /);
    },
  ),
  law(
    'JSON lines: what is written reads back the same',
    fc.tuple(fc.array(fc.jsonValue()), anySizes),
    async ([values, sizes]) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\r\n`).join('\n'));
      const { read, error } = await jsonOf(chunksOf(bytes, sizes));
      assert.equal(error, undefined);
      // As V8 reads it by itself: it takes a key `"` for `\` where it has seen that one before.
      const same = values.map((value) => JSON.parse(JSON.stringify(value)));
      assert.equal(JSON.stringify(read), JSON.stringify(same));
    },
  ),
  law(
    'frames: however they are cut, they say the same, or what is none is told',
    fc.tuple(frames, anySizes),
    ([bytes, sizes]) => {
      const [cut, whole] = [piecesOf(chunksOf(bytes, sizes)), piecesOf([bytes])];
      assert.deepEqual(cut.streams, whole.streams);
      assert.equal(cut.error, whole.error);
      if (cut.error !== undefined) assert.match(cut.error, /no frames|middle of a frame/);
    },
  ),
  law(
    'frames: the lines of any writes come, whatever frames and chunks they are in',
    fc.tuple(fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' }))), anySizes),
    async ([writes, sizes]) => {
      const read = { stdout: [] as string[], stderr: [] as string[] };
      const source = streamOf(chunksOf(Buffer.concat(writes.map((written) => frame(...written))), sizes));
      for await (const { stream, lines } of readLogLines(source, false)) read[stream].push(...lines);
      for (const [kind, stream] of [
        [1, 'stdout'],
        [2, 'stderr'],
      ] as const) {
        const lines = writes
          .flatMap(([to, part]) => (to === kind ? [part] : []))
          .join('')
          .split('\n');
        if (lines.at(-1) === '') lines.pop();
        assert.deepEqual(
          read[stream],
          lines.map((line) => line.replace(/\r$/, '')),
        );
      }
    },
  ),
  law(
    'lines: however their bytes are cut, they are the same',
    fc.tuple(lineText, anySizes),
    ([text, sizes]) => {
      const bytes = Buffer.from(text);
      const lines = (chunks: readonly Buffer[]) => {
        const splitter = createLineSplitter();
        return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
      };
      assert.deepEqual(lines(chunksOf(bytes, sizes)), lines([bytes]));
    },
  ),
  law(
    'keys that leave: any list is one or refused, and nothing typed is lost',
    fc.tuple(textsOf('a', 'ctrl-', ',', 'p', 'q', '@', ' '), fc.uint8Array(), anySizes),
    async ([keys, typed, sizes]) => {
      const parsed = await outcomeOf(() => parseDetachKeys(keys));
      if (parsed instanceof Error) return assertOurs(parsed);
      const pass = (chunks: readonly Buffer[]) => {
        const filter = createDetachFilter(parsed);
        const passed = chunks.map((chunk) => filter.pass(chunk));
        const left = passed.indexOf(undefined);
        return {
          left: left >= 0,
          bytes: Buffer.concat(passed.slice(0, left < 0 ? undefined : left) as Buffer[]),
        };
      };
      const bytes = Buffer.from(typed);
      const [cut, whole] = [pass(chunksOf(bytes, sizes)), pass([bytes])];
      assert.equal(cut.left, whole.left);
      if (!cut.left) assert.deepEqual(cut.bytes, whole.bytes);
    },
  ),
  law('messages of the builder: any bytes are one, or what is none is told', wireMessage, async (bytes) => {
    for (const read of [() => void decodeMessage(bytes).messages(1), () => void decodeStatus(bytes)]) {
      const found = await outcomeOf(read);
      if (found instanceof Error) assert.match(found.message, /^a message of the builder /);
    }
  }),
  law(
    'messages of the builder: what is written reads back the same',
    fc.tuple(fc.maxSafeNat(), fc.string(), fc.array(fc.string())),
    ([number, text, texts]) => {
      const fields = [
        [1, number],
        [2, text],
        ...texts.map((one) => [300, Buffer.from(one)] as const),
      ] as const;
      const read = decodeMessage(encodeMessage(fields));
      const same = (one: string) => Buffer.from(one).toString();
      assert.deepEqual(
        [read.number(1), read.text(2), read.texts(300)],
        [number, same(text), texts.map(same)],
      );
    },
  ),
  law(
    'config.json: whatever is in it, credentials are found or not',
    dockerConfig,
    async (config) => {
      const env = { PATH: '/nonexistent', DOCKER_AUTH_CONFIG: JSON.stringify(config) };
      const { signal } = new AbortController();
      const found = registryCredentials(() => config, env);
      for (const image of ['nginx', 'r.example:5000/a/b', 'localhost/x']) {
        const header = await found.forImage(image, signal);
        assert.ok(
          header === undefined || typeof JSON.parse(Buffer.from(header, 'base64').toString()) === 'object',
        );
      }
      await found.forHost('r.example:5000', signal);
      await found.all(signal);
      await found.asConfig(signal);
    },
    50,
  ),
  law(
    'addresses of engines: any text is one, or refused',
    textsOf(
      ...[
        'unix',
        'tcp',
        'ssh',
        'ssh://',
        '@host',
        '%41',
        'http',
        'https',
        'npipe',
        '://',
        ':',
        '/',
        'host',
        'u',
        '@',
        '%',
        '%zz',
        '-',
        '[',
        '::1',
        ']',
        '2375',
        '.',
        ' ',
      ],
    ),
    async (text) => {
      const read = await outcomeOf(() => readUrl(text, 'a test'));
      if (read instanceof Error) assertOurs(read);
    },
  ),
  law(
    'challenges of registries: any header is read',
    textsOf(
      ...['Bearer ', 'basic ', 'realm', '=', '"', ',', ' ', 'https://a', 'scope', '__proto__', '\\', '\t'],
    ),
    (header) => {
      const challenge = readChallenge(header);
      for (const value of Object.values(challenge?.parameters ?? {})) assert.equal(typeof value, 'string');
    },
  ),
  law('keys of SSH: any bytes are refused with words', fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const body = Buffer.concat([
      Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01'),
      bytes,
    ]);
    for (const text of [
      Buffer.from(bytes).toString('latin1'),
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    ])
      assert.ok((await outcomeOf(() => readSshKey(text))) instanceof Error);
  }),
  law(
    'tar: whatever is in it, nothing is written outside of the folder',
    archive,
    async ({ entries, changes }) => {
      const bytes = await tarOf(entries);
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      await inFolder(async (folder) => {
        await outcomeOf(() => unpack(streamOf([bytes]), folder, (name) => name));
      });
      await inFolder(async (folder) => {
        const request = {
          container: 'c',
          path: '/app/gen',
          target: path.join(folder, 't'),
          known: new Map(),
        };
        await outcomeOf(() => bringBack(engineWith(bytes), request, new AbortController().signal));
      });
    },
  ),
];

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function jsonOf(
  chunks: readonly Buffer[],
): Promise<{ readonly read: readonly unknown[]; readonly error?: string }> {
  const read: unknown[] = [];
  try {
    for await (const value of readJsonLines(streamOf(chunks))) read.push(value);
    return { read };
  } catch (error) {
    return { read, error: (error as Error).message };
  }
}

/** What came on each stream; of what has no frames only what came before. */
function piecesOf(chunks: readonly Buffer[]): {
  readonly streams: Readonly<Record<string, string>>;
  readonly error?: string;
} {
  const pieces: Piece[] = [];
  const told = () =>
    Object.fromEntries(
      ['stdout', 'stderr'].map((name) => [
        name,
        Buffer.concat(pieces.filter(({ stream }) => stream === name).map(({ bytes }) => bytes)).toString(
          'hex',
        ),
      ]),
    );
  try {
    const split = createSplit(false);
    for (const chunk of [...chunks, undefined]) pieces.push(...split(chunk));
    return { streams: told() };
  } catch (error) {
    // A chunk with something wrong in it gives nothing.
    return { streams: {}, error: (error as Error).message };
  }
}

async function tarOf(
  entries: readonly (Partial<Header> & { readonly name: string; readonly text: string })[],
): Promise<Buffer> {
  const tar = pack();
  for (const { text, ...header } of entries) {
    const hasContents = header.type === 'file' || header.type === 'contiguous-file';
    tar.entry(header, hasContents ? text : '');
  }
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Does something with an empty folder beside a file, and throws if anything but what is in the folder is another then. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const top = mkdtempSync(path.join(os.tmpdir(), 'stack-fuzz-'));
  try {
    writeFileSync(path.join(top, 'secret'), 'kept');
    const folder = path.join(top, 'inside');
    mkdirSync(folder);
    await work(folder);
    assert.deepEqual(readdirSync(top).sort(), ['inside', 'secret']);
    assert.equal(readFileSync(path.join(top, 'secret'), 'utf8'), 'kept');
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** An engine whose container has a folder with what is in a tar. */
function engineWith(tar: Buffer): EngineHttp {
  const details = JSON.stringify({ name: 'gen', mode: 0x80000000, size: 0, mtime: '', linkTarget: '' });
  return {
    request: async ({ method }) => ({
      status: 200,
      headers: { 'x-docker-container-path-stat': Buffer.from(details).toString('base64') },
      body: Readable.from(method === 'HEAD' ? [] : [tar]),
    }),
  };
}

function assertOurs(error: Error): void {
  assert.ok(error instanceof ProblemsError, error.stack);
}
