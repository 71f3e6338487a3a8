import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { jsonReporter } from '../../src/report/json.ts';
import { type PlainOptions, plainReporter } from '../../src/report/plain.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';
import { formatSummary } from '../../src/report/summary.ts';
import { at, directory, loaded, logs, type RecordingName, recordings } from './recording.ts';

const timeZone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'UTC';
});
afterAll(() => {
  if (timeZone === undefined) delete process.env.TZ;
  else process.env.TZ = timeZone;
});

function plain(events: readonly Event[], options: Partial<PlainOptions> = {}): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const listener = plainReporter({ write, colour: false, directory, ...options });
  for (const event of events) listener(event);
  return text;
}

function summary(name: RecordingName): string {
  const view = recordings[name].reduce(reduce, initialView);
  return formatSummary(view, { colour: false, ascii: false, directory });
}

describe('plain lines', () => {
  test.each(['rebuilt', 'broken', 'stopped'] as const)('of a stack that is %s', (name) => {
    expect(plain(recordings[name], { timestamps: true })).toMatchSnapshot();
  });

  test('say how long a change took as the live display does, also where it touches what changed before', () => {
    const restart = { id: 'restart:hasher0000', kind: 'restart-container', service: 'hasher' } as const;
    const events = [
      ...recordings.rebuilt,
      ...at(
        [80, { type: 'files-changed', paths: ['/w/h'], services: ['hasher'], responses: ['restart'] }],
        [90, { type: 'files-changed', paths: ['/w/r'], services: ['rng'], responses: ['rebuild'] }],
        [
          91,
          {
            type: 'plan-made',
            purpose: 'change',
            steps: [{ ...restart, title: 'restart container coins-hasher-1', because: 'rng', after: [] }],
          },
        ],
        [92, { type: 'step-started', id: restart.id }],
        [93, { type: 'step-finished', id: restart.id, milliseconds: 1000 }],
      ),
    ] as const;
    expect(events.reduce(reduce, initialView).watch.last?.milliseconds).toBe(3000);
    expect(plain(events)).toMatch(/hasher +updated in 3\.0s\n$/);
  });

  test('say that the user has broken something off, once and on a line of its own', () => {
    const skipped = (id: string, because: string) => ({ type: 'step-skipped', id, because }) as const;
    const told = plain(
      [
        ...recordings.building,
        ...at([
          9,
          skipped('build:coins-rng', 'interrupted'),
          skipped('build:coins-hasher', 'interrupted'),
          skipped('create:rng-1', 'build:coins-rng did not succeed'),
        ]),
      ],
      { echoes: true },
    );
    expect(told.match(/^○ coins +interrupted$/gm)).toHaveLength(1);
    expect(told).toMatch(/\n\n○ coins +interrupted\n/);
  });

  test('have no escape codes, and no other characters than ASCII if asked', () => {
    expect(plain(Object.values(recordings).flat(), { ascii: true, verbose: true })).toMatch(/^[\n -~]*$/);
  });

  test('have colours if asked, around the same words', () => {
    const coloured = plain(recordings.broken, { colour: true });
    expect(coloured).toContain('\u001B[');
    expect(stripVTControlCharacters(coloured)).toBe(plain(recordings.broken));
  });

  test('are the output alone without prefixes', () => {
    const output = at([1, logs('web', ['one', '\u001B[2Jtwo'])]);
    expect(plain(output, { head: () => '' })).toBe('one\ntwo\n');
    expect(plain(output)).toBe('web-1 | one\nweb-1 | two\n');
  });

  test('say so when nothing is to be done', () => {
    const events = at(
      [0, loaded],
      [0.1, { type: 'plan-made', purpose: 'up', steps: [] }],
      [0.2, { type: 'stack-ready', milliseconds: 200, changed: false }],
    );
    expect(plain(events)).toContain('nothing to do: all 5 services run as the file says\n');
  });

  test('tell the progress of a step every ten seconds at most', () => {
    const progress = at(
      ...Array.from({ length: 300 }, (_, tenth) => {
        const body = { text: 'downloading', current: tenth * 1e5, total: 3e7 };
        return [1 + tenth / 10, { type: 'step-progressed', id: 'pull:redis:7', progress: body }] as const;
      }),
    );
    const lines = plain([...recordings.building, ...progress]).split('\n');
    expect(lines.filter((line) => line.includes('downloading'))).toEqual([
      '◐ redis  downloading 9.1 MB of 30.0 MB',
      '◐ redis  downloading 19.1 MB of 30.0 MB',
      '◐ redis  downloading 29.1 MB of 30.0 MB',
    ]);
  });

  test('show the output of builds that go well only if asked', () => {
    const output = at([
      0.6,
      { type: 'step-progressed', id: 'build:coins-rng', progress: { lines: ['Collecting flask'] } },
    ]);
    const events = [...recordings.building, ...output];
    expect(plain(events)).not.toContain('flask');
    expect(plain(events, { verbose: true })).toContain('◐ rng    Collecting flask\n');
  });

  test('are not pushed away by one long name', () => {
    const [service] = loaded.type === 'stack-loaded' ? loaded.services : [];
    if (loaded.type !== 'stack-loaded' || service === undefined) throw new Error('the recording has changed');
    const services = [service, { ...service, name: 'x'.repeat(60) }];
    const events = at(
      [0, { ...loaded, services }],
      [1, { type: 'stack-ready', milliseconds: 9, changed: true }],
    );
    expect(plain(events)).toBe(`● ${'coins'.padEnd(24)} ready in 9ms: 2 services\n`);
  });

  test('tell a problem once, though it comes as a step and by itself', () => {
    const problem = recordings.broken.find((event) => event.type === 'step-failed')?.problem;
    if (problem === undefined) throw new Error('the recording has changed');
    const text = plain([...recordings.broken, ...at([61, { type: 'problem-found', problem }])]);
    expect(text.match(/Dockerfile:3:1/g)).toHaveLength(1);
  });
});

describe('the summary', () => {
  test.each(['ready', 'broken', 'crashed', 'stopped'] as const)('of a stack that is %s', (name) => {
    expect(summary(name)).toMatchSnapshot();
  });

  test('has no row that is wider than the screen', () => {
    const view = recordings.broken.reduce(reduce, initialView);
    const rows = formatSummary(view, { colour: false, ascii: false, directory, columns: 40 }).split('\n');
    expect(rows.slice(2, 7)).toEqual([
      '  ✗ rng     failed   the former contai…',
      '  ● hasher  running',
      '  ● redis   healthy  localhost:6379',
      '  ● worker  running',
      '  ● webui   running  http://127.0.0.1:…',
    ]);
  });

  test('leaves out the reasons where they were told just before', () => {
    const view = recordings.crashed.reduce(reduce, initialView);
    const options = { colour: false, ascii: false, directory };
    const whole = formatSummary(view, options);
    const brief = formatSummary(view, { ...options, brief: true });
    expect(whole).toMatch(/^ {2}\| /m);
    expect(brief).not.toMatch(/^ {2}\| /m);
    expect(brief.split('\n').slice(0, 7)).toEqual(whole.split('\n').slice(0, 7));
  });

  test('is empty when all was stopped as asked', () => {
    const view = [...recordings.ready, ...recordings.stopped.slice(recordings.crashed.length)].reduce(
      reduce,
      initialView,
    );
    expect(
      formatSummary(
        { ...view, services: view.services.filter(({ name }) => name !== 'worker') },
        {
          colour: false,
          ascii: false,
          directory,
        },
      ),
    ).toBe('');
  });
});

test('JSON lines have no characters that do harm', () => {
  const told = logs('web', ['\u009B2J\u202E\u2028\u007F']);
  const lines: string[] = [];
  for (const event of at([1, told])) jsonReporter((text) => lines.push(text))(event);
  expect(lines[0]).toContain('\\u009b2J\\u202e\\u2028\\u007f');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject(told);
});

test('JSON lines carry each event as it is, with version and time', () => {
  const lines: string[] = [];
  const listener = jsonReporter((text) => lines.push(text));
  for (const event of recordings.ready) listener(event);
  expect(lines).toHaveLength(recordings.ready.length);
  expect(lines[0]).toMatch(/^\{"v":1,"ts":"2026-11-21T12:04:11.000Z","type":"stack-loaded",.*\}\n$/);
  expect(lines.map((line) => JSON.parse(line).type)).toEqual(recordings.ready.map(({ type }) => type));
  expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('at');
});
