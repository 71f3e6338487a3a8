import { expect, test } from 'vitest';
import type { EventBody, PlannedStep } from '../../src/model/event.ts';
import { plainReporter } from '../../src/report/plain.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';

const summary = (name: string) => ({ name, image: name, built: false, dependsOn: [] });
const step = (
  id: string,
  kind: PlannedStep['kind'],
  service: string,
  rest: Partial<PlannedStep> = {},
): PlannedStep => ({
  id,
  kind,
  service,
  title: id,
  because: 'test',
  after: [],
  ...rest,
});
const container = (service: string, health: 'starting' | 'healthy') =>
  ({
    type: 'container-changed',
    service,
    number: 1,
    id: service,
    name: service,
    state: 'running',
    health,
    ports: [],
  }) as const;

/** Two databases that the engine still calls starting; one of them was waited for, and our own probe found it healthy. */
const events: EventBody[] = [
  {
    type: 'stack-loaded',
    name: 'shop',
    directory: '/shop',
    files: [],
    services: [summary('db'), summary('cache')],
  },
  {
    type: 'plan-made',
    purpose: 'up',
    steps: [
      step('start:db-1', 'start-container', 'db'),
      step('start:cache-1', 'start-container', 'cache'),
      step('await:db:healthy', 'await-condition', 'db', { condition: 'healthy' }),
    ],
  },
  ...['start:db-1', 'start:cache-1'].flatMap((id): EventBody[] => [
    { type: 'step-started', id },
    { type: 'step-finished', id, milliseconds: 5 },
  ]),
  container('db', 'starting'),
  { type: 'step-started', id: 'await:db:healthy' },
  { type: 'step-finished', id: 'await:db:healthy', milliseconds: 60 },
  container('db', 'starting'),
  container('cache', 'starting'),
  { type: 'stack-ready', milliseconds: 400, changed: true },
];

test('what our own probe has found healthy is healthy, though the engine has not looked yet', () => {
  const view = events.reduce((before, event, at) => reduce(before, { ...event, at }), initialView);
  expect(view.services.map(({ name, state }) => [name, state])).toEqual([
    ['db', 'healthy'],
    ['cache', 'starting'],
  ]);
});

test('the verdict counts what runs and names what is not healthy yet', () => {
  let text = '';
  const report = plainReporter({
    write: (more) => {
      text += more;
    },
    colour: false,
    directory: '/',
  });
  events.forEach((event, at) => {
    report({ ...event, at });
  });
  expect(text).toContain('ready in 0.4s: 2 services; not healthy yet: cache');
});
