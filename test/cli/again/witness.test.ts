import fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Answer, askedBy, digestsOf, isAnswer } from '../../../src/cli/again/answer.ts';
import { repeat } from '../../../src/cli/again/repeat.ts';
import { watchFileCalls } from '../../../src/cli/again/sight.ts';
import { openWitness, type Witness } from '../../../src/cli/again/witness.ts';
import type { Heard } from '../../../src/docker/witness.ts';

let folder: string;
let engine: Server | undefined;
/** What of Node is loaded besides what runs the tests. */
let loaded: string[];
const moduleLoadList = Object.getOwnPropertyDescriptor(process, 'moduleLoadList') ?? {};
watchFileCalls();
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-again-'));
  loaded = [];
  Object.defineProperty(process, 'moduleLoadList', { configurable: true, get: () => loaded });
  vi.stubEnv('XDG_CACHE_HOME', path.join(folder, 'cache'));
  fs.writeFileSync(at('file'), 'one');
  fs.mkdirSync(at('sub'));
});
afterEach(async () => {
  Object.defineProperty(process, 'moduleLoadList', moduleLoadList);
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await new Promise((resolve) => (engine === undefined ? resolve(undefined) : engine.close(resolve)));
  engine = undefined;
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const asked = askedBy(['up', '-d'], 'a build');
const port = { hostIp: '', hostPort: 80, containerPort: 80, protocol: 'tcp' } as const;
const heard = { question: '/networks?', status: 200, version: '1.51', text: '[]' };

/** What is kept of a command that did this, long after its files were written. */
async function keptOf(work: (witness: Witness) => unknown): Promise<Answer | undefined> {
  vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ['Date'] });
  const witness = openWitness(asked);
  vi.useRealTimers();
  witness.meets(at('engine'));
  witness.asks();
  witness.hears(heard);
  witness.vouch();
  await work(witness);
  witness.says('stdout', 'nothing to do\n');
  await witness.keep();
  const answers = at('cache/stack/answers');
  const [name] = fs.existsSync(answers) ? fs.readdirSync(answers) : [];
  return name === undefined ? undefined : JSON.parse(fs.readFileSync(path.join(answers, name), 'utf8'));
}

test('each place that is looked at is kept, in whichever way, and what was asked and said', async () => {
  const kept = await keptOf(async (witness) => {
    fs.readFileSync(at('file'));
    fs.existsSync(at('none'));
    fs.realpathSync.native(at('sub'));
    fs.readdirSync(at('sub'));
    fs.createReadStream(at('sub/none')).on('error', () => {});
    await new Promise((resolve) => fs.stat(at('stat'), resolve));
    fs.closeSync(fs.openSync(at('file'), 'r'));
    // What is there only for a moment leaves no trace.
    fs.writeFileSync(at('draft'), '');
    fs.renameSync(at('draft'), at('moved'));
    fs.rmSync(at('moved'));
    witness.reaches(port, { answers: true, status: 200, said: 'OK' });
  });
  expect(Object.keys(kept?.looks ?? {}).map((place) => place.replace(`${folder}/`, ''))).toEqual([
    'file',
    'none',
    'sub',
    'sub/',
    'sub/none',
    'stat',
    'draft',
    'moved',
  ]);
  expect(kept).toMatchObject({
    asked,
    engine: {
      socketPath: at('engine'),
      digests: { '/v1.51/networks?': digestsOf({ status: 200, text: '[]', containers: '' }) },
    },
    ports: [[{ hostPort: 80 }, { answers: true }]],
    said: [['stdout', 'nothing to do\n']],
  });
});

test.each<[string, (witness: Witness) => unknown]>([
  ['something is written', () => fs.writeFileSync(at('file'), 'two')],
  ['something is made', () => fs.mkdirSync(at('more'))],
  ['a file changes meanwhile', (_) => fs.readFileSync(at('file')) && changeUnseen()],
  ['it is not known which files are looked at', () => fs.readFileSync(Buffer.from(at('file')))],
  ['files are read by other threads', () => loaded.push('NativeModule internal/fs/promises')],
  ['other programs are asked', () => loaded.push('NativeModule child_process')],
  [
    'too many files are looked at',
    () => Array.from({ length: 251 }, (_, at) => fs.existsSync(`/none/${at}`)),
  ],
  ['more is wanted of the engine than an answer', (witness) => witness.acts()],
  ['the engine says something else by then', (witness) => hearMore(witness, { ...heard, text: '[{}]' })],
  ['an answer of the engine is still to come', (witness) => witness.asks()],
  [
    'the engine does not tell its version',
    (witness) => hearMore(witness, { ...heard, question: '/info?', version: undefined }),
  ],
  [
    'the engine says no JSON',
    (witness) => hearMore(witness, { ...heard, question: '/info?', status: 404, text: 'Not Found' }),
  ],
  ['it is not to be kept', (witness) => witness.vouch(() => true)],
  ['a port is silent', (witness) => witness.reaches(port, { answers: false })],
  ['a port accepts, and takes its time to answer', (witness) => witness.reaches(port, { answers: true })],
  ['what is written is no text', (witness) => witness.says('stdout', Buffer.from('x'))],
])('nothing is kept where %s', async (_, work) => {
  expect(await keptOf(work)).toBeUndefined();
});

function hearMore(witness: Witness, more: Heard): void {
  witness.asks();
  witness.hears(more);
}

/** As another program does. */
const { appendFileSync } = fs;
function changeUnseen(): void {
  appendFileSync(at('file'), 'x');
}

test('nothing is kept where other programs may be asked unseen', async () => {
  loaded = ['NativeModule child_process'];
  expect(await keptOf(() => {})).toBeUndefined();
});

test('what was written a moment ago may change once more unseen', async () => {
  const witness = openWitness(asked);
  fs.readFileSync(at('file'));
  witness.meets(at('engine'));
  witness.vouch();
  await witness.keep();
  expect(fs.existsSync(at('cache/stack/answers'))).toBe(false);
});

test.each<[string, string | undefined]>([
  ['says something else', 'HTTP/1.0 200 OK\r\n\r\n[{}]'],
  ['refuses', 'HTTP/1.0 500 Oh\r\n\r\n[]'],
  ['says half of it', 'HTTP/1.0 200 OK\r\n'],
  ['says what is no JSON', 'HTTP/1.0 200 OK\r\n\r\n<html>'],
  ['says nothing', undefined],
])('nothing is said again where the engine %s', async (_, text) => {
  await keptOf(() => {});
  engine = createServer((socket) => {
    if (text === undefined) socket.resume();
    else socket.end(text);
  }).listen(at('engine'));
  expect(await repeat(asked)).toBe(false);
});

test('nothing is said again where the engine is away, or a file is another', async () => {
  await keptOf(() => fs.readFileSync(at('file')));
  expect(await repeat(asked)).toBe(false);
  engine = createServer((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n[]')).listen(at('engine'));
  fs.writeFileSync(at('file'), 'two');
  expect(await repeat(asked)).toBe(false);
});

test('an answer of the engine is the same in another order, and after a while', () => {
  const [a, b] = [
    { Name: 'a', Status: 'Up 3 minutes (healthy)' },
    { Name: 'b', Status: 'Exited (1) 2 seconds ago' },
  ];
  const later = [
    { ...b, Status: 'Exited (1) 2 hours ago' },
    { ...a, Status: 'Up 4 minutes (healthy)' },
  ];
  expect(isSame([a, b], later)).toBe(true);
  expect(isSame({ Volumes: [a, b], Warnings: null }, { Volumes: later, Warnings: null })).toBe(true);
  const empty = { status: 200, text: '[]', containers: '' };
  expect(isAnswer(digestsOf(empty), { ...empty, status: 404 })).toBe(false);
  for (const other of [
    [{ ...a, Status: 'Up 3 minutes (unhealthy)' }, b],
    [{ ...a, Status: 'Up 3 minutes' }, b],
    [a, { ...b, Status: 'Exited (0) 2 seconds ago' }],
    [a],
    [a, b, b],
    [b, { ...a, Name: 'c' }],
  ])
    expect(isSame([a, b], other)).toBe(false);
});

test('networks and volumes of other projects may come and go', () => {
  const of = (Name: string, project?: string, more = {}) => ({
    Name,
    Labels: project === undefined ? more : { 'com.docker.compose.project': project },
  });
  const containers = JSON.stringify([
    { Labels: { 'com.docker.compose.project': 'shop' }, NetworkSettings: { Networks: { shared: {} } } },
  ]);
  const own = [of('shop_default', 'shop'), of('shared', 'others')];
  const isStill = (others: readonly unknown[]): boolean => isSame(own, others, containers);
  expect(isStill([...own.toReversed(), of('blog_default', 'blog')])).toBe(true);
  expect(isStill([...own, of('0123', undefined, { 'com.docker.volume.anonymous': '' })])).toBe(true);
  for (const others of [
    own.slice(1),
    own.slice(0, 1),
    [...own, of('shared', 'blog')],
    [...own, of('shop_more', 'shop')],
    [...own, of('by_hand')],
    [own[0], { ...own[1], Driver: 'other' }],
  ])
    expect([others, isStill(others)]).toEqual([others, false]);
});

function isSame(one: unknown, other: unknown, containers = ''): boolean {
  const [before, now] = [one, other].map((value) => ({
    status: 200,
    text: JSON.stringify(value),
    containers,
  }));
  return before !== undefined && now !== undefined && isAnswer(digestsOf(before), now);
}
