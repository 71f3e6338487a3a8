import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/model/event.ts';
import { layOutFull } from '../../../src/terminal/full/layout.ts';
import { press } from '../../../src/terminal/full/press.ts';
import { type FullState, initialFull } from '../../../src/terminal/full/state.ts';
import type { World } from '../../../src/terminal/full/world.ts';
import { keyActions } from '../../../src/terminal/keys.ts';
import { widthOfLine } from '../../../src/terminal/spans.ts';
import fc from '../../helpers/chance.ts';
import { at, container, loaded, logs, type RecordingName, recordings } from '../../report/recording.ts';
import { textOf, worldOf } from './world.ts';

function after(keys: readonly string[], world: World, state: FullState = initialFull): FullState {
  return keys.reduce((before, key) => press(before, key, world).state, state);
}

function screen(world: World, ...keys: readonly string[]): string {
  return textOf(layOutFull(after(keys, world), world));
}

/** Replicas that use something, of which one came back. */
const measured = at(
  [5, container('worker', 'running', { number: 2, id: 'worker2', name: 'coins-worker-2' })],
  ...Array.from({ length: 12 }, (_, second) => measurement(second)),
);

function measurement(second: number): [number, ...EventBody[]] {
  const services = ['rng', 'hasher', 'redis', 'webui', 'worker'];
  const measures = services.map(
    (service, place): EventBody => ({
      type: 'container-measured',
      service,
      number: 1,
      id: `${service}0000`,
      cpuPercent: (second * (place + 1) * 7) % 120,
      memory: 2e7 * (place + 1) + second * 1e6,
      memoryLimit: 1.28e8,
    }),
  );
  return [6 + second, ...measures];
}

const sizes = [
  { columns: 40, rows: 10 },
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
];

for (const size of sizes) {
  describe(`on ${size.columns} by ${size.rows}`, () => {
    for (const recording of ['waiting', 'ready', 'broken', 'crashed', 'crowd'] as const) {
      test(`after ${recording}`, () => {
        expect(screen(worldOf(recording, size))).toMatchSnapshot();
      });
    }
    test('with replicas and what they use', () => {
      expect(screen(worldOf([...recordings.ready, ...measured], size))).toMatchSnapshot();
    });
    test('with the palette', () => {
      expect(screen(worldOf('ready', size), ':', ...'rest w')).toMatchSnapshot();
    });
    test('with help', () => {
      expect(screen(worldOf('ready', size), '?')).toMatchSnapshot();
    });
    test('with a question', () => {
      expect(screen(worldOf('ready', size), 'D')).toMatchSnapshot();
    });
    test('with the build', () => {
      expect(screen(worldOf('rebuilding', size), 'B', 'tab')).toMatchSnapshot();
    });
  });
}

test('on 100 by 24 services and logs are side by side', () => {
  expect(screen(worldOf([...recordings.ready, ...measured], { columns: 100, rows: 24 }))).toMatchSnapshot();
});

test('what is too small says what it needs, down to one character', () => {
  expect(screen(worldOf('ready', { columns: 30, rows: 8 }))).toMatch(
    /^too small: 30x8\nneeds 40x10\nf inline/,
  );
  expect(layOutFull(initialFull, worldOf('ready', { columns: 1, rows: 1 }))).toHaveLength(1);
});

test('what waits tells for what, and how the probe of that went', () => {
  const probed = at([
    3,
    {
      type: 'health-probed',
      service: 'redis',
      number: 1,
      id: 'redis0000',
      probe: 3,
      passed: false,
      said: 'connection refused',
    },
  ]);
  const text = screen(worldOf([...recordings.waiting, ...probed], { columns: 160, rows: 40 }));
  expect(text).toMatch(/worker +waiting +waits for/);
  expect(text).toMatch(/webui +waiting +waits for redis: healthy, probe 3, last: connect/);
});

test('the failed are above those in progress, and those above the ready', () => {
  const events = [
    ...recordings.crashed,
    ...at([10, { type: 'plan-made', purpose: 'change', steps: [] }], [11, container('rng', 'restarting')]),
  ];
  const text = screen(worldOf(events, { columns: 120, rows: 40 }));
  const places = ['needs attention', 'worker', 'in progress', 'rng', 'ready', 'hasher'].map((word) =>
    text.indexOf(word, text.indexOf('needs attention')),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

test('ports are links where they lead somewhere', () => {
  const world = worldOf('ready', { columns: 120, rows: 40 });
  const links = layOutFull(initialFull, world).flatMap((line) => line.flatMap(({ link }) => link ?? []));
  expect(links).toContain('http://127.0.0.1:8000');
});

test('why a service is not as it should be begins with what its last step failed of', () => {
  const lines = screen(worldOf('broken', { columns: 100, rows: 40 }), 'p').split('\n');
  const place = lines.findIndex((line) => line.includes('the image of rng cannot be built'));
  expect(place).toBeGreaterThan(0);
  const told = lines.slice(place).join('\n');
  expect(told).toMatch(/rng\/Dockerfile:3:1[\s\S]*hint: correct the Dockerfile[\s\S]*why of rng/);
});

test('a long answer takes the rows it needs, and what is longer yet says so', () => {
  const world = worldOf('ready');
  const told = (text: string): string =>
    textOf(layOutFull({ ...initialFull, message: { text, tone: 'bad' } }, world));
  const words = Array.from({ length: 40 }, (_, place) => `word${place}`);
  const all = told(words.join(' ')).split('\n').slice(-6, -1).join(' ').split(/\s+/);
  expect(words.filter((word) => !all.includes(word))).toEqual([]);
  const cut = told('x'.repeat(5000)).split('\n');
  expect(cut).toHaveLength(24);
  expect(cut.at(-2)).toMatch(/^ *x+…$/);
});

test('the selection has a mark and a colour of its own', () => {
  const world = worldOf('ready');
  const lines = layOutFull(after(['down'], world), world);
  const row = lines.find((line) => line[0]?.text === '>');
  expect(row?.some(({ text, inverse }) => inverse === true && text.startsWith('hasher'))).toBe(true);
});

const names = fc.constantFrom(...(Object.keys(recordings) as RecordingName[]));
const boundKeys = keyActions.flatMap((action) => worldOf('ready').keys[action]);
const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...boundKeys) },
  { weight: 1, arbitrary: fc.constantFrom('enter', 'escape', 'backspace', 'y', 'tab', 'ctrl-u', 'ctrl-w') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
);

test('any keys at any time give a screen that fits exactly', () => {
  fc.assert(
    fc.property(
      names,
      fc.array(fc.tuple(anyKey, fc.nat(8)), { maxLength: 40 }),
      fc.integer({ min: 1, max: 260 }),
      fc.integer({ min: 1, max: 80 }),
      fc.boolean(),
      (name, typed, columns, rows, ascii) => {
        const events = recordings[name];
        let state = initialFull;
        let seen = 0;
        let world = worldOf([], { columns, rows, ascii });
        for (const [key, more] of typed) {
          seen = Math.min(events.length, seen + more);
          world = worldOf(events.slice(0, seen), { columns, rows, ascii });
          const step = press(state, key, world);
          state = step.state;
          if (step.wish?.kind === 'order') expect(world.offers(step.wish.order.kind)).toBe(true);
        }
        const lines = layOutFull(state, world);
        expect(lines).toHaveLength(rows);
        for (const line of lines) {
          expect(widthOfLine(line)).toBe(Math.max(1, columns - 1));
          for (const { text } of line) expect(text).not.toMatch(/\p{Cc}/u);
        }
        // What was typed is shown as it is.
        if (ascii && typed.every(([key]) => /^[ -~]*$/.test(key)))
          expect(textOf(lines)).toMatch(/^[ -~\n]*$/);
      },
    ),
    { numRuns: 150 },
  );
});

test('text with wide characters fits as well', () => {
  const wide = at(
    [0, { ...loaded, name: '店' } as typeof loaded],
    [1, logs('rng', ['データベース 🚀'.repeat(20)])],
  );
  for (const columns of [40, 61, 80, 101, 140]) {
    const world = worldOf(wide, { columns, rows: 30 });
    for (const line of layOutFull(initialFull, world)) expect(widthOfLine(line)).toBe(columns - 1);
  }
});
