import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { jsonEvents } from '../../src/report/json.ts';
import { at, recordings, start } from './recording.ts';

const problem: Problem = {
  code: 'service-exited',
  severity: 'error',
  message: 'worker ended with exit code 1',
};

function told(...recorded: readonly Parameters<ReturnType<typeof jsonEvents>['listener']>[0][]) {
  const lines: string[] = [];
  const events = jsonEvents((text) => lines.push(text));
  for (const event of recorded) events.listener(event);
  return { lines, end: events.end, events: () => lines.map((line) => JSON.parse(line)) };
}

test('each event is a line, and the last one is the verdict', () => {
  const { lines, events, end } = told(...recordings.ready);
  end({ exitCode: 0, problems: [] }, start + 9000);
  expect(lines).toHaveLength(recordings.ready.length + 1);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(events()[0]).toMatchObject({ v: 1, ts: '2026-11-21T12:04:11.000Z', type: 'stack-loaded' });
  expect(events().at(-1)).toEqual({
    v: 1,
    ts: '2026-11-21T12:04:20.000Z',
    type: 'command-ended',
    exitCode: 0,
    milliseconds: 9000,
    errors: 0,
    services: [
      { name: 'rng', state: 'running', ready: true, addresses: [] },
      { name: 'hasher', state: 'running', ready: true, addresses: [] },
      { name: 'redis', state: 'healthy', ready: true, addresses: ['localhost:6379'] },
      { name: 'worker', state: 'running', ready: true, addresses: [] },
      { name: 'webui', state: 'running', ready: true, addresses: ['http://127.0.0.1:8000'] },
    ],
  });
});

test('what the command failed of is told before its verdict, once', () => {
  const { events, end } = told(...recordings.crashed, ...at([80, { type: 'problem-found', problem }]));
  const other = { ...problem, message: 'rng ended with exit code 1' };
  end({ exitCode: 1, problems: [problem, other] }, start + 81_000);
  expect(events().slice(-3)).toMatchObject([
    { type: 'problem-found', problem },
    { type: 'problem-found', problem: other },
    { type: 'command-ended', exitCode: 1, errors: 2 },
  ]);
  const failed = events()
    .at(-1)
    .services.filter(({ state }: { state: string }) => state === 'failed');
  expect(failed).toMatchObject([{ name: 'worker', ready: false }]);
});

test('a command that got nowhere has a verdict, too', () => {
  const { events, end } = told();
  end({ exitCode: 130, problems: [] }, start);
  expect(events()).toMatchObject([{ type: 'command-ended', exitCode: 130, milliseconds: 0, services: [] }]);
});
