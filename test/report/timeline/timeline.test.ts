import { expect, test } from 'vitest';
import { initialView, reduce } from '../../../src/report/reduce.ts';
import { type Timeline, timelineOf } from '../../../src/report/timeline/timeline.ts';
import { tipsFor, usualTotal } from '../../../src/report/timeline/tips.ts';
import { layOutTimeline } from '../../../src/terminal/timeline.ts';
import { recordings, start } from '../recording.ts';

function timeline(recording: keyof typeof recordings, seconds = 30): Timeline {
  const told = timelineOf(recordings[recording].reduce(reduce, initialView), start + seconds * 1000);
  if (told === undefined) throw new Error('nothing was started');
  return told;
}

function drawn(of: Timeline, columns: number, rows = 20, ascii = false): string {
  return layOutTimeline(of, { columns, rows, ascii })
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

test('each service has its phases on one axis, and what held up all others is known', () => {
  const told = timeline('ready');
  expect(drawn(told, 80)).toMatchSnapshot();
  expect(drawn(told, 40, 6, true)).toMatchSnapshot();
  const critical = told.services.flatMap(({ bars }) =>
    bars.filter((bar) => bar.critical).map(({ title }) => title),
  );
  expect(critical).toMatchSnapshot();
});

test('a start that goes on is drawn as far as it is', () => {
  const told = timeline('waiting', 3);
  expect(told.running).toBe(true);
  expect(told.services.find(({ service }) => service === 'worker')?.readyAt).toBeUndefined();
  expect(drawn(told, 80)).toMatchSnapshot();
});

test.each([10, 24, 40, 80, 300])('no row is wider than %i columns', (columns) => {
  for (const recording of ['ready', 'waiting', 'building'] as const)
    for (const row of drawn(timeline(recording), columns).split('\n'))
      expect(row.length).toBeLessThanOrEqual(columns);
});

/** A start in which one service was in one phase for so long. */
function started(phase: 'build' | 'ready', took: number, more = {}): Timeline {
  const bar = { phase, from: 100, to: 100 + took, title: 'it', critical: true, ...more };
  return {
    project: 'shop',
    startedAt: start,
    total: took + 100,
    running: false,
    services: [{ service: 'db', bars: [bar], failed: false, readyAt: took + 100 }],
  };
}

test('what took longer than usual is pointed out once there is a usual', () => {
  const former = [1000, 1100, 900, 1000].map((took) => started('build', took));
  expect(tipsFor(started('build', 4000), former, {})).toEqual(['db: its build took 4.0s, usually 1.0s']);
  expect(tipsFor(started('build', 4000), former.slice(0, 2), {})).toEqual([]);
  expect(tipsFor(started('build', 1500), former, {})).toEqual([]);
  expect(usualTotal(former)).toBe(1100);
  expect(usualTotal(former.slice(0, 2))).toBeUndefined();
});

test('an interval of a healthcheck that made a service late is named, with what shortens it', () => {
  const late = started('ready', 5050, { critical: false });
  expect(tipsFor(late, [], { db: 5000 })).toEqual([
    expect.stringContaining('because its healthcheck interval is 5.0s'),
  ]);
  expect(tipsFor(late, [], {})).toEqual([]);
  expect(tipsFor(started('ready', 2500, { critical: false }), [], { db: 5000 })).toEqual([]);
});

test('the step of a build that took longest is named', () => {
  const slowest = { name: '[4/6] RUN npm ci', milliseconds: 21_000 };
  expect(tipsFor(started('build', 30_000, { slowest }), [], {})).toEqual([
    expect.stringMatching(/^db: the build spent 21\.0s on \[4\/6\] RUN npm ci/),
  ]);
});
