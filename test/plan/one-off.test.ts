import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { CreateContainer } from '../../src/model/plan.ts';
import type { Stack } from '../../src/model/stack.ts';
import { type OneOffOptions, planOneOff, withoutService } from '../../src/plan/one-off.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningState, stackOf } from '../helpers/stack.ts';

const slug = '0123456789abcdef'.repeat(4);
const plain: OneOffOptions = {
  alone: false,
  slug,
  environment: {},
  labels: {},
  capAdd: [],
  capDrop: [],
  mounts: [],
  ports: [],
  tty: false,
  input: true,
  remove: false,
  useAliases: false,
};
const stack = stackOf({
  db: { image: 'redis' },
  web: {
    image: 'web',
    command: ['serve'],
    entrypoint: ['start'],
    restart: 'always',
    container_name: 'fixed',
    environment: { A: 'file', B: 'file' },
    cap_drop: ['ALL', 'NET_ADMIN'],
    ports: [{ target: 80, published: '8080', protocol: 'tcp' }],
    volumes: [{ type: 'volume', source: 'data', target: '/data' }],
    networks: { default: { aliases: ['www'] } },
    depends_on: { db: { condition: 'service_healthy', required: true } },
  },
});

function created(options: Partial<OneOffOptions>, from: Stack = stack): CreateContainer {
  const { plan } = planOneOff(from, runningState(from), 'web', { ...plain, ...options });
  const step = plan.steps.find(({ action }) => action.kind === 'create-container');
  return step?.action as CreateContainer;
}

test('it is made once what the service depends on is as it has to be', () => {
  const { plan, start } = planOneOff(stack, runningState(stack), 'web', plain);
  expect(planText(plan)).toEqual([
    'await:db:healthy (web waits for it)',
    'create:web-0 (it was asked for) after await:db:healthy',
  ]);
  expect(start.container.name).toBe('shop-web-run-0123456789ab');
});

test('its image is obtained if it is not there', () => {
  const { plan } = planOneOff(stack, { ...runningState(stack), images: {} }, 'web', plain);
  expect(plan.steps.at(-1)?.after).toContain('pull:web');
});

test('it is told from the containers of the service by its labels, and not known by the names of these', () => {
  const { labels, networks, createAs } = created({});
  expect(labels[label.oneOff]).toBe('True');
  expect(labels[label.slug]).toBe(slug);
  expect(label.number in labels).toBe(false);
  expect(createAs).toBe('shop-web-run-0123456789ab');
  expect(networks.map(({ aliases }) => aliases)).toEqual([[createAs]]);
  expect(created({ useAliases: true, name: 'mine' }).networks.map(({ aliases }) => aliases)).toEqual([
    ['mine', 'web', 'www'],
  ]);
});

test('it does not come back by itself, and takes no ports of the service', () => {
  const { service } = created({});
  expect(service.restart).toBeUndefined();
  expect(service.ports).toEqual([]);
  const { ports: _, ...withPorts } = plain;
  const { plan } = planOneOff(stack, runningState(stack), 'web', withPorts);
  expect(plan.steps.at(-1)?.action).toMatchObject({ service: { ports: [{ target: 80 }] } });
});

test.each([
  [{}, ['start'], ['serve']],
  [{ command: ['other'] }, ['start'], ['other']],
  [{ entrypoint: ['sh'] }, ['sh'], []],
  [{ entrypoint: ['sh'], command: ['-c', 'x'] }, ['sh'], ['-c', 'x']],
])('with %j it runs %j and %j', (options, entrypoint, command) => {
  expect(created(options).service).toMatchObject({ entrypoint, command });
});

test('what is given goes before what the file has', () => {
  const { service } = created({
    environment: { A: 'given' },
    labels: { l: 'given' },
    capAdd: ['NET_ADMIN'],
    mounts: [{ type: 'bind', source: '/here', target: '/data' }],
    user: '1',
    workingDirectory: '/tmp',
  });
  expect(service.environment).toEqual({ A: 'given', B: 'file' });
  expect(service.labels).toEqual({ l: 'given' });
  expect([service.cap_add, service.cap_drop]).toEqual([['NET_ADMIN'], ['ALL']]);
  expect(service.volumes).toEqual([{ type: 'bind', source: '/here', target: '/data' }]);
  expect([service.user, service.working_dir]).toEqual(['1', '/tmp']);
});

test('what it depends on is brought up without it, and nothing that is there counts as left over', () => {
  const others = withoutService(stack, 'web', { alone: false });
  const plan = planUp(others, runningState(stack), {});
  expect(plan.steps).toEqual([]);
  expect(plan.warnings).toEqual([]);
  const alone = planUp(withoutService(stack, 'web', { alone: true }), nothing, {});
  expect(alone.steps.map(({ action }) => action.kind)).toEqual(['create-network']);
});

test('alone it waits for nothing', () => {
  const lonely = stackOf({
    db: { image: 'redis' },
    web: { image: 'web', depends_on: { db: { condition: 'service_healthy', required: true } } },
  });
  const waits = (alone: boolean) =>
    planText(planOneOff(lonely, runningState(lonely), 'web', { ...plain, alone }).plan).filter((line) =>
      /^await/.test(line),
    );
  expect(waits(false)).toEqual(['await:db:healthy (web waits for it)']);
  expect(waits(true)).toEqual([]);
});
