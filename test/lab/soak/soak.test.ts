import { expect, test } from 'vitest';
import { containerRef } from '../../../src/plan/container.ts';
import { planUp } from '../../../src/plan/up.ts';
import { createStore } from '../../../src/report/store.ts';
import { nothing, runningContainer, runningState, stackOf } from '../../helpers/stack.ts';
import { soakDay } from './day.ts';
import { growthIn } from './growth.ts';

// `npm run soak` has more of all of it, with a real engine.

test('half an hour of a working day leaves no more memory behind than the latest lines', () => {
  const said: string[] = [];
  expect(soakDay(0.5, (line) => said.push(line), 5000)).toEqual([]);
  expect(said.join('\n')).toMatch(/0.5 hours, \d{5} events/);
});

test('what grows is told, what settles is not', () => {
  const megabyte = 1024 * 1024;
  const looks = Array.from({ length: 20 }, (_, round) => ({
    round,
    heap: (20 + round) * megabyte,
    descriptors: round < 4 ? 20 : 30 - (round % 2),
    objects: 0,
  }));
  expect(growthIn(looks, ['heap', 'descriptors', 'objects', 'rules'])).toEqual([
    `heap grew from ${29 * megabyte} to ${35 * megabyte}`,
  ]);
  expect(growthIn(looks.slice(0, 3), ['heap'])).toEqual([]);
});

test('200 services with 500 containers are planned, found to be as they should, and shown', () => {
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const replicas = (index: number) => (index < 100 ? 2 : 3);
  const stack = stackOf(
    Object.fromEntries(
      names.map((name, index) => [name, { image: `image-${index}`, scale: replicas(index) }]),
    ),
  );
  const images = runningState(stack).images;
  const created = planUp(stack, { ...nothing, images }, {}).steps.filter(
    ({ action }) => action.kind === 'create-container',
  );
  expect(created).toHaveLength(500);
  const containers = names.flatMap((name, index) =>
    Array.from({ length: replicas(index) }, (_, at) =>
      runningContainer(stack, name, {
        id: `${name}-${at}`,
        number: at + 1,
        name: containerRef(stack, name, stack.services[name] ?? {}, at + 1).name,
      }),
    ),
  );
  expect(planUp(stack, { ...runningState(stack), containers }, {}).steps).toEqual([]);
  const store = createStore();
  const services = names.map((name) => ({ name, image: 'busybox', built: false, dependsOn: [] }));
  store.dispatch({ type: 'stack-loaded', name: 'shop', directory: '/shop', files: [], services, at: 1 });
  for (const { id, name, service, number } of containers)
    store.dispatch({
      type: 'container-changed',
      id,
      name,
      service,
      number,
      state: 'running',
      ports: [],
      at: 2,
    });
  const { services: shown } = store.getView();
  expect([shown.length, shown.flatMap(({ replicas: each }) => each).length]).toEqual([200, 500]);
});
