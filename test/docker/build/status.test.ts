import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBuildKitProgress } from '../../../src/docker/build/progress.ts';
import { decodeStatus, type Vertex, type VertexLog } from '../../../src/docker/build/status.ts';

/** The answer of Docker Engine 28.5.2 to a build whose last step writes three lines and exits with 7. */
const recorded = readFileSync(path.join(import.meta.dirname, 'failing.buildkit.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { id?: string; aux?: string })
  .flatMap(({ id, aux }) => (id === 'moby.buildkit.trace' && aux !== undefined ? [aux] : []));

const decode = (aux: string) => decodeStatus(Buffer.from(aux, 'base64'));

describe('decodeStatus', () => {
  it('reads what an engine sent', () => {
    const statuses = recorded.map(decode);
    const vertexes = statuses.flatMap((status) => status.vertexes);
    expect(vertexes.find(({ name, cached }) => cached && name === '[2/4] WORKDIR /w')).toMatchObject({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      inputs: [expect.stringMatching(/^sha256:/)],
      started: expect.closeTo(1795240368348.4, 0),
      completed: expect.closeTo(1795240368348.5, 0),
      error: '',
    });
    expect(vertexes.at(-1)).toMatchObject({ cached: false, error: expect.stringContaining('exit code: 7') });
    expect(statuses.flatMap((status) => status.logs.map(textOf))).toEqual([
      '1: Grüße\n',
      '1: a note\n',
      '2: broken\n',
    ]);
  });

  it('throws on input that is cut off, wherever that is inside of a field', () => {
    const bytes = Buffer.from(recorded[0] ?? '', 'base64');
    expect(bytes.length).toBeGreaterThan(100);
    // Cut between the two vertexes it is a message as good as another.
    const whole = 2 + (bytes[1] ?? 0) + ((bytes[1] ?? 0) > 127 ? 1 : 0);
    for (let length = 1; length < Math.min(whole, 100); length += 1) {
      expect(() => decodeStatus(bytes.subarray(0, length))).toThrow('cut off');
    }
  });

  it('skips fields it does not know, of every type', () => {
    const unknown = Buffer.from([
      0x78, 0xff, 0xff, 0x03, 0x71, 1, 2, 3, 4, 5, 6, 7, 8, 0x6d, 1, 2, 3, 4, 0x82, 0x01, 2, 9, 9,
    ]);
    const bytes = Buffer.concat([unknown, Buffer.from(recorded[0] ?? '', 'base64'), unknown]);
    expect(decodeStatus(bytes)).toEqual(decode(recorded[0] ?? ''));
    expect(() => decodeStatus(Buffer.from([0x0b]))).toThrow('unknown type 3');
  });

  it('reads nothing from nothing', () => {
    expect(decode('')).toEqual({ vertexes: [], statuses: [], logs: [], warnings: [] });
  });
});

describe('createBuildKitProgress', () => {
  it('tells the steps of a build, and which one failed with what it wrote', () => {
    const progress = createBuildKitProgress();
    const told = recorded.map((aux) => progress.take(decode(aux))).filter((news) => news !== undefined);
    const run = '[4/4] RUN echo "Grüße"; cat note.txt; echo broken >&2; exit 7';
    const milliseconds = expect.any(Number);
    expect(told.filter(({ text }) => text !== undefined)).toMatchObject([
      { text: '[2/4] WORKDIR /w (CACHED)', current: 2, total: 4 },
      { text: '[3/4] COPY note.txt .', current: 2, total: 4 },
      { text: '[3/4] COPY note.txt .', current: 3, total: 4 },
      { text: run, current: 3, total: 4, parts: [{ name: run, state: 'running' }] },
      { text: run, lines: ['Grüße'], parts: [{ name: run, state: 'running', lines: ['Grüße'] }] },
      { text: run, lines: ['a note'], parts: [{ name: run, state: 'running', lines: ['a note'] }] },
      { text: run, lines: ['broken'], parts: [{ name: run, state: 'running', lines: ['broken'] }] },
      { text: run, parts: [{ name: run, state: 'failed', milliseconds }] },
    ]);
    const ends = told.flatMap(({ parts = [] }) => parts.filter(({ state }) => state !== 'running'));
    // By the clock of BuildKit.
    expect(ends).toEqual([
      { name: '[internal] load remote build context', state: 'done', milliseconds: 17 },
      { name: 'copy /context /', state: 'done', milliseconds: 9 },
      { name: '[internal] load metadata for docker.io/library/redis:7', state: 'done', milliseconds: 0 },
      { name: '[1/4] FROM redis:7', state: 'done', milliseconds: 0 },
      { name: '[2/4] WORKDIR /w', state: 'cached', milliseconds: 0 },
      { name: '[3/4] COPY note.txt .', state: 'done', milliseconds: 9 },
      { name: run, state: 'failed', milliseconds: 192 },
    ]);
    expect(progress.failed()).toEqual({ name: run, lines: ['Grüße', 'a note', 'broken'] });
  });

  it('keeps the lines of the two outputs apart, and tells the rest of them at the end of the step', () => {
    const progress = createBuildKitProgress();
    const vertex = { digest: 'd', inputs: [], name: '[1/1] RUN x', cached: false, started: 1, error: '' };
    const log = (stream: number, text: string) => ({ vertex: 'd', stream, message: Buffer.from(text) });
    const nothing = { vertexes: [], statuses: [], logs: [], warnings: [] };
    progress.take({ ...nothing, vertexes: [vertex] });
    expect(progress.take({ ...nothing, logs: [log(1, 'o'), log(2, 'err'), log(1, 'ut\n')] })).toMatchObject({
      lines: ['out'],
    });
    expect(progress.take({ ...nothing, vertexes: [{ ...vertex, completed: 2 }] })).toMatchObject({
      lines: ['err'],
    });
    expect(progress.failed()).toBeUndefined();
  });

  it('tells steps with one name apart, what was cancelled, and how long one took that was come back to', () => {
    const progress = createBuildKitProgress();
    const take = (...vertexes: readonly Partial<Vertex>[]) => {
      const whole = vertexes.map((vertex) => ({
        digest: 'a',
        inputs: [],
        name: '[internal] load build context',
        cached: false,
        error: '',
        ...vertex,
      }));
      return progress.take({ vertexes: whole, statuses: [], logs: [], warnings: [] })?.parts;
    };
    const name = '[internal] load build context';
    expect(take({}, { digest: 'b' })).toBeUndefined();
    expect(take({ started: 10 }, { digest: 'b', started: 11 })).toEqual([
      { name, state: 'running' },
      { name: `${name} (2)`, state: 'running' },
    ]);
    expect(take({ started: 10 })).toBeUndefined();
    expect(take({ started: 10, completed: 15 })).toEqual([{ name, state: 'done', milliseconds: 5 }]);
    expect(take({ started: 20, completed: 22 })).toEqual([{ name, state: 'done', milliseconds: 7 }]);
    const error = 'failed to solve: context canceled';
    expect(take({ digest: 'b', started: 11, completed: 12, error })).toEqual([
      { name: `${name} (2)`, state: 'cancelled', milliseconds: 1 },
    ]);
  });

  it('names images as the Dockerfile does', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const names = ['docker.io/library/redis:7', 'docker.io/me/app', 'ghcr.io/me/app:1'];
    const texts = names.map((name) => {
      const vertex = { digest, inputs: [], cached: false, started: 1, error: '' };
      const from = { ...vertex, name: `[stage 1/2] FROM ${name}@${digest}` };
      return createBuildKitProgress().take({ vertexes: [from], statuses: [], logs: [], warnings: [] })?.text;
    });
    expect(texts).toEqual([
      '[stage 1/2] FROM redis:7',
      '[stage 1/2] FROM me/app',
      '[stage 1/2] FROM ghcr.io/me/app:1',
    ]);
  });
});

function textOf({ stream, message }: VertexLog): string {
  return `${stream}: ${message}`;
}
