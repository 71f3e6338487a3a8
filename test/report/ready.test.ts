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

/** The same where all are waited for until they are ready. */
const waited = events.map((event) =>
  event.type === 'plan-made'
    ? {
        ...event,
        steps: event.steps.map((one) => (one.condition ? { ...one, condition: 'ready' as const } : one)),
      }
    : event,
);

test.each([events, waited])(
  'what our own probe has found healthy is healthy, though the engine has not looked yet',
  (...told) => {
    const view = told.reduce((before, event, at) => reduce(before, { ...event, at }), initialView);
    expect(view.services.map(({ name, state }) => [name, state])).toEqual([
      ['db', 'healthy'],
      ['cache', 'starting'],
    ]);
  },
);

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

test('what has no healthcheck and is looked at is not ready until it is found to be', () => {
  const looked: EventBody[] = [
    { type: 'stack-loaded', name: 'shop', directory: '/shop', files: [], services: [summary('db')] },
    {
      type: 'plan-made',
      purpose: 'up',
      steps: [
        step('start:db-1', 'start-container', 'db'),
        step('await:db:healthy', 'await-condition', 'db', { condition: 'healthy' }),
      ],
    },
    { type: 'step-started', id: 'start:db-1' },
    { type: 'step-finished', id: 'start:db-1', milliseconds: 5 },
    (({ health: _, ...rest }) => rest)(container('db', 'starting')),
  ];
  const stateAfter = (...more: EventBody[]) =>
    [...looked, ...more].reduce((before, event, at) => reduce(before, { ...event, at }), initialView)
      .services[0]?.state;
  expect(stateAfter()).toBe('starting');
  const begun: EventBody = { type: 'step-started', id: 'await:db:healthy' };
  expect(stateAfter(begun)).toBe('starting');
  expect(stateAfter(begun, { type: 'step-finished', id: 'await:db:healthy', milliseconds: 60 })).toBe(
    'running',
  );
});

test('addresses stand with what they answered; who answers later is told once', () => {
  const ports = [{ hostIp: '127.0.0.1', hostPort: 8000, containerPort: 80, protocol: 'tcp' }];
  const asked = (rest: { readonly answers: boolean; readonly status?: number; readonly said?: string }) =>
    ({
      type: 'port-asked',
      service: 'web',
      number: 1,
      id: 'web',
      hostPort: 8000,
      containerPort: 80,
      ...rest,
    }) as const;
  const web = { ...container('web', 'healthy'), ports };
  let text = '';
  const report = plainReporter({ write: (more) => (text += more), colour: false, directory: '/' });
  const all: EventBody[] = [
    { type: 'stack-loaded', name: 'shop', directory: '/shop', files: [], services: [summary('web')] },
    { type: 'plan-made', purpose: 'up', steps: [step('start:web-1', 'start-container', 'web')] },
    { type: 'step-started', id: 'start:web-1' },
    { type: 'step-finished', id: 'start:web-1', milliseconds: 5 },
    web,
    asked({ answers: false }),
    { type: 'stack-ready', milliseconds: 400, changed: true },
    web,
    asked({ answers: true, status: 503, said: 'Not\u001b[31mYet' }),
    asked({ answers: true, status: 200, said: 'OK' }),
  ];
  all.forEach((event, at) => {
    report({ ...event, at });
  });
  expect(text).toContain('http://127.0.0.1:8000 not answering yet\n');
  expect(text.match(/answers now: .*/g)).toEqual(['answers now: http://127.0.0.1:8000 503 NotYet']);
});
