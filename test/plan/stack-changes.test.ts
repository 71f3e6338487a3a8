import { expect, test } from 'vitest';
import type { Service, Stack } from '../../src/model/stack.ts';
import { keptCounts, removedForGood, stackChanges } from '../../src/plan/stack-changes.ts';
import { planUp } from '../../src/plan/up.ts';
import { runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const web: Service = { image: 'web', environment: { A: '1' } };
const db: Service = { image: 'db' };
const described = (
  services: Record<string, Service>,
  rest: Partial<Stack> = {},
  contents: Record<string, string> = {},
) => ({ stack: stackOf(services, rest), contents: new Map(Object.entries(contents)) });
const none = { services: [], builds: [], dropped: [], networks: [] };

test('what a stack says of each service is compared, with what the service uses of it', () => {
  const before = described({ web, db });
  expect(stackChanges(before, described({ web, db }))).toEqual(none);
  expect(stackChanges(before, described({ web: { ...web, environment: { A: '2' } }, db }))).toEqual({
    ...none,
    services: ['web'],
  });
  const rest = {
    configs: { motd: { name: 'motd', content: 'x' } },
    secrets: { unused: { name: 'unused', content: 'x' } },
  };
  const using = { web: { ...web, configs: [{ source: 'motd', target: '/motd' }] }, db };
  const contents = { 'configs.motd': 'x', 'secrets.unused': 'x' };
  const former = described(using, rest, contents);
  expect(stackChanges(former, described(using, rest, { ...contents, 'configs.motd': 'y' }))).toEqual({
    ...none,
    services: ['web'],
  });
  expect(stackChanges(former, described(using, rest, { ...contents, 'secrets.unused': 'y' }))).toEqual(none);
});

test('services that are new, built in another way, gone, or switched off are told apart', () => {
  const app: Service = { build: { context: '/shop/one' } };
  const before = described({ web, app });
  const other = { ...app, build: { context: '/shop/two' } };
  expect(stackChanges(before, described({ app: other, late: app }))).toEqual({
    ...none,
    services: ['app', 'late'],
    builds: ['app', 'late'],
    dropped: ['web'],
  });
  expect(stackChanges(before, described({ app }, { disabledServices: ['web'] }))).toEqual(none);
});

test('a network is another one only if there was one', () => {
  const networks = { default: { name: 'shop_default' }, back: { name: 'shop_back' } };
  const before = described({ web }, { networks });
  expect(stackChanges(described({ web }), before)).toEqual(none);
  const internal = { ...networks, back: { name: 'shop_back', internal: true } };
  expect(stackChanges(before, described({ web }, { networks: internal })).networks).toEqual(['back']);
});

test('a service keeps as many containers as it has, also none, unless the file has another number', () => {
  const stack = stackOf({ web, db, off: db, late: db });
  const now = stackOf({ web, db: { ...db, scale: 3 }, off: db, late: db });
  const containers = [1, 2].flatMap((number) =>
    ['web', 'db'].map((name) => runningContainer(stack, name, { number, name: `shop-${name}-${number}` })),
  );
  expect(keptCounts(stack, now, containers, new Set(['off']))).toEqual({ web: 2, off: 0 });
});

test('what is replaced is not gone', () => {
  const running = runningState(stackOf({ web, db }));
  const changed = stackOf({ web: { ...web, environment: {} } });
  const plan = planUp(changed, running, { removeOrphans: true });
  expect(plan.steps.filter(({ action }) => action.kind === 'remove-container')).toHaveLength(2);
  expect(removedForGood(plan)).toEqual(['shop-db-1']);
});
