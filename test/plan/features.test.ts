import { expect, test } from 'vitest';
import { problemsOf } from '../../src/model/problem.ts';
import type { Service } from '../../src/model/stack.ts';
import { tooNewIn } from '../../src/plan/features.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, stackOf } from '../helpers/stack.ts';

const web: Service = {
  image: 'web',
  annotations: { team: 'web' },
  healthcheck: { test: ['CMD', 'true'], start_period: '3s', start_interval: '1s' },
  volumes: [
    { type: 'volume', source: 'data', target: '/a', volume: { subpath: 'a' } },
    { type: 'image', source: 'busybox', target: '/b' },
    { type: 'bind', source: '/c', target: '/c', bind: { recursive: 'readonly' } },
    { type: 'bind', source: '/d', target: '/d', bind: { recursive: 'disabled' } },
  ],
  networks: {
    back: { mac_address: '02:42:ac:11:65:44', interface_name: 'eth9' },
    front: { priority: 5, mac_address: '02:42:ac:11:65:43', gw_priority: 2 },
  },
};
const stack = stackOf(
  { web },
  {
    networks: { front: { name: 'front' }, back: { name: 'back', enable_ipv4: false } },
    volumes: { data: { name: 'data' } },
  },
);

test.each([
  [
    '1.41',
    [
      'services.web.annotations: 24',
      'services.web.healthcheck.start_interval: 25',
      'services.web.volumes[0].volume.subpath: 26',
      'services.web.volumes[1].type: 28',
      'services.web.volumes[2].bind.recursive: 25',
      'services.web.networks.back.interface_name: 28.1',
      'services.web.networks.back.mac_address: 25',
      'services.web.networks.front.gw_priority: 28',
      'networks.back.enable_ipv4: 28',
    ],
  ],
  [
    '1.47',
    [
      'services.web.volumes[1].type: 28',
      'services.web.networks.back.interface_name: 28.1',
      'services.web.networks.front.gw_priority: 28',
      'networks.back.enable_ipv4: 28',
    ],
  ],
  ['1.48', ['services.web.networks.back.interface_name: 28.1']],
  ['1.51', []],
  [undefined, []],
])('an engine with API %s refuses what it would drop', (version, expected) => {
  const told = tooNewIn(stack, version);
  expect(told.map(({ path, message }) => `${path}: ${/Engine v([\d.]+)/.exec(message)?.[1]}`)).toEqual(
    expected,
  );
});

test('that is said before anything is planned', () => {
  const [first] = refused(() => planUp(stack, { ...nothing, apiVersion: '1.42' }, {}));
  expect(first).toMatchObject({
    code: 'engine-too-old',
    message: '`annotations` requires Docker Engine v24 or later; this one has API version 1.42, not 1.43',
  });
});

function refused(work: () => void) {
  try {
    work();
    return [];
  } catch (error) {
    return problemsOf(error);
  }
}
