import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { ObservedContainer } from '../../src/model/observed.ts';
import type { Service, Stack } from '../../src/model/stack.ts';
import { countOf } from '../../src/plan/decide.ts';
import { formatPlan } from '../../src/plan/format.ts';
import { planUp } from '../../src/plan/up.ts';
import { planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const outdated = { [label.configHash]: 'other' };
const replaceOrder = 'start-first';

test('the new container is ready and has taken over before the old one stops; dependants that ask for it stop then', () => {
  const stack = stackOf({
    api: { image: 'api' },
    web: {
      image: 'web',
      depends_on: { api: { condition: 'service_started', required: true, restart: true } },
    },
  });
  const api = runningContainer(stack, 'api', { labels: outdated });
  const state = { ...runningState(stack), containers: [api, runningContainer(stack, 'web')] };
  const plan = planUp(stack, state, { replaceOrder, until: 'settled' });
  expect(planText(plan)).toEqual([
    'create:api-1 (its configuration changed)',
    'start:api-1 (it is to run) after create:api-1',
    'take-over:api-1 (it is ready) after start:api-1',
    `drain:${api.id} (its configuration changed) after take-over:api-1`,
    `stop:${api.id} (its configuration changed) after drain:${api.id}`,
    `remove:${api.id} (its configuration changed) after stop:${api.id}`,
    'stop:web-id-0123456789abcdef (api is replaced) after take-over:api-1',
    'start:web-1 (api is replaced) after stop:web-id-0123456789abcdef, take-over:api-1',
    'await:web:settled (it could end at once) after start:web-1',
  ]);
  expect(plan.steps[0]?.action).toMatchObject({ createAs: 'api-id-01234_shop-api-1', aside: true });
  expect(plan.steps[1]?.action).toMatchObject({
    beside: { name: 'api-id-01234_shop-api-1', replaces: api.id },
  });
  expect(formatPlan(plan).split('\n')[0]).toBe('replace container shop-api-1: its configuration changed');
});

test('of several replicas one after the other gives way', () => {
  const stack = stackOf({ api: { image: 'api', scale: 2 } });
  const [one, two] = [1, 2].map((number) =>
    runningContainer(stack, 'api', {
      number,
      id: `${number}`.repeat(16),
      name: `shop-api-${number}`,
      labels: outdated,
    }),
  );
  const containers = [one, two].filter((container) => container !== undefined);
  const steps = planText(planUp(stack, { ...runningState(stack), containers }, { replaceOrder }));
  expect(steps).toContain('start:api-1 (it is to run) after create:api-1');
  // What is not to start is not made.
  expect(steps).toContain('create:api-2 (its configuration changed) after take-over:api-1');
  expect(steps).toContain('start:api-2 (it is to run) after create:api-2, take-over:api-1');
});

const volume = (more: object) => ({ type: 'volume', target: '/data', ...more }) as const;
const bind = (source: string, more: object = {}) =>
  ({ type: 'bind', source, target: '/app', ...more }) as const;
const port = { target: 80, protocol: 'tcp' } as const;
const published = { hostIp: '0.0.0.0', hostPort: 8000, containerPort: 80, protocol: 'tcp' } as const;
const build = { context: '/shop/api' } as const;

test.each<[string, Service, Partial<ObservedContainer>]>([
  ['it publishes port 8000', { ports: [{ ...port, published: '8000' }] }, { ports: [published] }],
  ['it publishes port 7999-8001', { ports: [{ ...port, published: '7999-8001' }] }, { ports: [published] }],
  ['it has the fixed address 10.0.0.5', { networks: { default: { ipv4_address: '10.0.0.5' } } }, {}],
  ['it has the fixed address 02:42:ac:11:65:43', { mac_address: '02:42:ac:11:65:43' }, {}],
  ['its network_mode is host', { network_mode: 'host', networks: {} }, {}],
  ['its network_mode was host', {}, { networks: [{ id: 'h', name: 'host' }] }],
  ['it shares the network of db', { network_mode: 'service:db', networks: {} }, {}],
  ['it shares the processes of db', { pid: 'service:db' }, {}],
  ['its pid is container:abc', { pid: 'container:abc' }, {}],
  ['it has pre_stop hooks', { pre_stop: [{ command: ['true'] }] }, {}],
  ['it is on no network', { networks: {} }, {}],
  ['it writes to the volume data', { volumes: [volume({ source: 'data' })] }, {}],
  ['it writes to a volume at /data', { volumes: [volume({})] }, {}],
  ['it writes to a volume at /var', {}, { mounts: [{ type: 'volume', name: 'x', target: '/var' }] }],
  ['it writes to ./files', { volumes: [bind('/shop/files')] }, {}],
  [
    'it writes to ./api/files',
    { build, volumes: [bind('/shop/api/files', { target: '/var/lib/mysql' })] },
    {},
  ],
  ['it writes to ./api/files', { build, volumes: [bind('/shop/api/files', { target: '/app/data' })] }, {}],
  ['it writes to /srv', { build, volumes: [bind('/srv')] }, {}],
  ['x-stack.replace says so', { 'x-stack': { replace: 'stop-first' } }, {}],
  ['deploy.update_config.order says so', { deploy: { update_config: { order: 'stop-first' } } }, {}],
])('the old one stops first where it must, and the plan says why: %s', (reason, service, current) => {
  expect(firstLine(service, current)?.split('; ').at(-1)).toBe(`stops the old one first: ${reason}`);
});

test.each<[string, Service, Partial<ObservedContainer>]>([
  ['another port than the old one has', { ports: [{ ...port, published: '8001' }] }, { ports: [published] }],
  ['a port that the engine chooses', { ports: [port] }, { ports: [published] }],
  ['volumes that are only read', { volumes: [volume({ source: 'data', read_only: true })] }, {}],
  ['mounted source code', { build, volumes: [bind('/shop/api/src')] }, {}],
  ['the same as a site', { build, volumes: [bind('/shop/api/src', { target: '/var/www/html' })] }, {}],
  ['mounted source code around it', { build, volumes: [bind('/shop')] }, {}],
  ['a socket of this machine', { volumes: [bind('/run/docker.sock')] }, {}],
  ['data, where the file wants it', { 'x-stack': { replace: 'start-first' }, volumes: [volume({})] }, {}],
  [
    'the same in the words of swarms',
    { deploy: { update_config: { order: 'start-first' } }, volumes: [volume({})] },
    {},
  ],
])('both can run at once with %s', (_, service, current) => {
  expect(firstLine(service, current)).toBe('replace container shop-api-1: its configuration changed');
});

test('what the file wants does not make possible what is not', () => {
  const service = { 'x-stack': { replace: 'start-first' }, ports: [{ ...port, published: '8000' }] } as const;
  expect(firstLine(service, { ports: [published] })).toContain('stops the old one first: it publishes');
});

test('who shares its network, and who may remember its address, is told', () => {
  const shared = stackOf({ api: { image: 'api' }, side: { image: 'side', network_mode: 'service:api' } });
  expect(firstLineOf(shared)).toContain('stops the old one first: side shares its network');
  const depends = (restart: boolean) => ({
    api: { condition: 'service_started', required: true, restart } as const,
  });
  const command = "/docker-entrypoint.sh nginx -g 'daemon off;'";
  const proxied = (restart: boolean) =>
    stackOf({ api: { image: 'api' }, web: { image: 'own', depends_on: depends(restart) } });
  expect(firstLineOf(proxied(false), { command })).toContain(
    'stops the old one first: nginx in web may remember its address',
  );
  expect(firstLineOf(proxied(true), { command })).not.toContain('stops');
});

test('without a wish it is as with Docker Compose, and so it is with what does not run', () => {
  const stack = stackOf({ api: { image: 'api' } });
  const of = (changes: Partial<ObservedContainer>, options: object) => {
    const current = runningContainer(stack, 'api', { labels: outdated, ...changes });
    return planUp(stack, { ...runningState(stack), containers: [current] }, options).steps.map(
      ({ id }) => id,
    );
  };
  expect(of({}, {})).toContain('rename:api-1');
  expect(of({ state: 'exited' }, { replaceOrder })).toContain('rename:api-1');
  expect(of({}, { replaceOrder, start: false })).toContain('rename:api-1');
});

test('what a killed replacement left is cleared away or made anew', () => {
  const stack = stackOf({ api: { image: 'api' } });
  const state = runningState(stack);
  const planOf = (...containers: readonly ObservedContainer[]) =>
    planText(planUp(stack, { ...state, containers }, { replaceOrder }));
  const own = runningContainer(stack, 'api').labels;
  const old = runningContainer(stack, 'api', { labels: { ...own, ...outdated } });
  const aside = { id: 'new-id', labels: { ...own, [label.aside]: 'true' } };
  const temporary = runningContainer(stack, 'api', { ...aside, name: '0123456789ab_shop-api-1' });
  expect(countOf([old, temporary], 'api')).toBe(1);
  // Before it took over: it goes, and the old one is replaced after all.
  expect(planOf(old, temporary)).toEqual(
    expect.arrayContaining([
      'stop:new-id (it is left over from an interrupted replacement)',
      'remove:new-id (it is left over from an interrupted replacement) after stop:new-id',
      'take-over:api-1 (it is ready) after start:api-1',
    ]),
  );
  // After it did: the old one goes.
  const final = runningContainer(stack, 'api', aside);
  expect(planOf(final, { ...old, name: 'ba9876543210_shop-api-1' })).toEqual([
    `stop:${old.id} (it is left over from an interrupted replacement)`,
    `remove:${old.id} (it is left over from an interrupted replacement) after stop:${old.id}`,
  ]);
  // Alone, and without the names of its service.
  for (const state of ['running', 'created'] as const)
    expect(planOf({ ...temporary, state })[0]).toBe('create:api-1 (an earlier replacement was interrupted)');
});

function firstLine(service: Service, current: Partial<ObservedContainer>): string | undefined {
  const stack = stackOf(
    { api: { image: 'api', ...service }, db: { image: 'redis' } },
    { volumes: { data: { name: 'shop_data' } } },
  );
  return replacedLine(stack, [runningContainer(stack, 'api', { labels: outdated, ...current })]);
}

function firstLineOf(stack: Stack, others: Partial<ObservedContainer> = {}): string | undefined {
  const containers = Object.keys(stack.services).map((name) =>
    runningContainer(stack, name, name === 'api' ? { labels: outdated } : others),
  );
  return replacedLine(stack, containers);
}

function replacedLine(stack: Stack, containers: readonly ObservedContainer[]): string | undefined {
  const plan = planUp(stack, { ...runningState(stack), containers }, { replaceOrder });
  return formatPlan(plan)
    .split('\n')
    .find((line) => line.startsWith('replace container shop-api-1'));
}
