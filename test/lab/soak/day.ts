import type { EventBody } from '../../../src/model/event.ts';
import { jsonReporter } from '../../../src/report/json.ts';
import { createLogBook } from '../../../src/report/logs/book.ts';
import { recordHappening } from '../../../src/report/logs/record.ts';
import { createStore } from '../../../src/report/store.ts';
import type { Say } from '../say.ts';
import { growthIn, tableOfUse } from './growth.ts';
import { throwAway } from './rounds.ts';

const services = ['api', 'web', 'db', 'jobs', 'mail'];
const second = 1000;
const hour = 3600 * second;

/** How often it is looked at what the process uses. */
const looks = 20;

/**
 * So many hours of what a developer's stack tells, as fast as it is taken in by all that listens to it: services that write,
 * are tested and measured, a save every twenty seconds, a build that fails now and then. Gives what has grown. As many lines
 * as `capacity` says are kept, as by the screens.
 */
export function soakDay(hours: number, say: Say, capacity = 100_000): readonly string[] {
  const store = createStore({ colour: true });
  const book = createLogBook({ capacity });
  let written = 0;
  const json = jsonReporter((text) => {
    written += text.length;
  });
  const began = Date.UTC(2026, 0, 1);
  let events = 0;
  const tell = (at: number, body: EventBody): void => {
    const happening = store.dispatch({ ...body, at });
    recordHappening(book, happening, { colour: true, ascii: false, directory: '/work' });
    json(happening.event);
    events += 1;
  };
  tell(began, loaded);
  const left = [];
  const length = hours * hour;
  let cpu = process.cpuUsage();
  for (let look = 1; look <= looks; look++) {
    const [from, to] = [((look - 1) * length) / looks, (look * length) / looks].map((part) => began + part);
    for (let at = from ?? 0; at < (to ?? 0); at += second) tellSecond(at, tell);
    const { user } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    throwAway();
    const { heapUsed: heap, rss: resident } = process.memoryUsage();
    left.push({ round: look, heap, resident, processor: user / 1000 });
  }
  say(`\n${hours} hours, ${events} events, ${Math.round(written / 1e6)} MB of JSON:\n${tableOfUse(left)}`);
  const [early = 0, late = 0] = [left[1]?.processor, left.at(-1)?.processor];
  say(
    `a part took ${early.toFixed(0)} ms of the processor at the beginning, ${late.toFixed(0)} ms at the end`,
  );
  // The book of lines is as large as it may be only once it is full.
  return book.first === 1 ? [] : growthIn(left, ['heap']);
}

const loaded: EventBody = {
  type: 'stack-loaded',
  name: 'day',
  directory: '/work',
  files: ['/work/stack.yaml'],
  services: services.map((name) => ({ name, image: `day-${name}`, built: true, dependsOn: [] })),
};

/** What happens in one second, by the number of the second alone. */
function tellSecond(at: number, tell: (at: number, body: EventBody) => void): void {
  const number = at / second;
  for (const [index, service] of services.entries()) {
    const id = `${service}-${Math.floor(number / 100)}`;
    const lines = Array.from(
      { length: 6 },
      (_, line) => `GET /orders/${number}-${line} answered 200 in ${line} ms`,
    );
    tell(at, { type: 'logs-written', service, number: 1, source: `${service}-1`, stream: 'stdout', lines });
    if (number % 2 === 0) {
      const usage = { cpuPercent: (number + index) % 100, memory: 1e8 + (number % 1000), memoryLimit: 1e9 };
      tell(at, { type: 'container-measured', service, number: 1, id, ...usage });
    }
    if (number % 10 === index)
      tell(at, {
        type: 'health-probed',
        service,
        number: 1,
        id,
        probe: number % 1000,
        passed: true,
        said: 'ok',
      });
  }
  if (number % 20 === 0) tellSave(at, services[(number / 20) % services.length] ?? '', tell);
}

/** A file is saved: an image is built, one time in ten not, and a new container takes the place of the old one. */
function tellSave(at: number, service: string, tell: (at: number, body: EventBody) => void): void {
  const number = at / second;
  const [build, start] = [`build:${service}`, `start:${service}`];
  const path = `/work/${service}/src/file-${number % 500}.ts`;
  tell(at, { type: 'files-changed', paths: [path], services: [service], responses: ['rebuild'] });
  const step = { service, because: `${path} has changed` };
  tell(at, {
    type: 'plan-made',
    purpose: 'change',
    steps: [
      { ...step, id: build, kind: 'build-image', title: `build image day-${service}`, after: [] },
      { ...step, id: start, kind: 'start-container', title: `start ${service}-1`, after: [build] },
    ],
  });
  tell(at, { type: 'step-started', id: build });
  for (let line = 0; line < 10; line++) {
    const text = `[${line}/10] RUN step ${line}`;
    tell(at, { type: 'step-progressed', id: build, progress: { text, lines: [`${number} ${line}`] } });
  }
  if (number % 200 === 0) {
    const problem = {
      code: 'build-failed',
      severity: 'error',
      service,
      message: `build ${number} failed`,
    } as const;
    tell(at, { type: 'step-failed', id: build, milliseconds: 900, problem });
    tell(at, { type: 'step-skipped', id: start, because: 'the build failed' });
    return;
  }
  tell(at, { type: 'step-finished', id: build, milliseconds: 900 });
  const container = { service, number: 1, name: `day-${service}-1`, ports: [] } as const;
  tell(at, { type: 'step-started', id: start });
  const [old, next] = [
    `${service}-${Math.floor((number - 20) / 100)}`,
    `${service}-${Math.floor(number / 100)}`,
  ];
  tell(at, { type: 'container-changed', ...container, id: old, state: 'gone' });
  tell(at, { type: 'container-changed', ...container, id: next, state: 'running', startedAt: at });
  tell(at, { type: 'step-finished', id: start, milliseconds: 100 });
}
