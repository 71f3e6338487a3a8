import { expect, test } from 'vitest';
import type { ObservedContainer } from '../../src/model/observed.ts';
import { formatContainers, formatContainersJson } from '../../src/report/containers.ts';

function container(more: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: 'a'.repeat(64),
    name: 'shop-web-1',
    service: 'web',
    number: 1,
    oneOff: false,
    state: 'running',
    status: 'Up 3 minutes',
    image: 'nginx',
    imageId: 'sha256:1',
    command: 'nginx -g',
    created: 1000,
    labels: {},
    networks: [],
    mounts: [],
    ports: [],
    ...more,
  };
}

const nasty = 'a\u009B2Jb\u202Ec\u0007\nd\u2028';

test('no text of the engine can do anything to the terminal but be read', () => {
  const fields = { name: nasty, image: nasty, command: nasty, service: nasty, status: nasty };
  const text = formatContainers([container(fields)], 2_000_000);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u);
  expect(text.split('\n')).toHaveLength(3);
  expect(text).toContain('abc␊d');
});

test('columns line up below wide characters', () => {
  const text = formatContainers([container({ name: '店' }), container({ name: 'web' })], 2_000_000);
  expect(text).toBe(`\
NAME   IMAGE   COMMAND      SERVICE   CREATED          STATUS         PORTS
店     nginx   "nginx -g"   web       16 minutes ago   Up 3 minutes
web    nginx   "nginx -g"   web       16 minutes ago   Up 3 minutes
`);
});

test('JSON says the same in characters that do no harm', () => {
  const text = formatContainersJson('shop', [container({ status: nasty })], 2_000_000);
  expect(text).toContain('a\\u009b2Jb\\u202ec\\u0007\\nd\\u2028');
  expect(JSON.parse(text)).toMatchObject({ Status: nasty });
});
