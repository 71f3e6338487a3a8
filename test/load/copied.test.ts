import { expect, test } from 'vitest';
import { asCopy } from '../../src/load/normal/copied.ts';
import { type Copy, portKey } from '../../src/model/copy.ts';
import type { Stack } from '../../src/model/stack.ts';
import { stackOf } from '../helpers/stack.ts';

const fixed = { target: 80, published: '8000', protocol: 'tcp' };
const range = { target: 81, published: '9000-9005', protocol: 'tcp' };
const stack: Stack = {
  ...stackOf(
    {
      web: { build: { context: '/shop', tags: ['web:dev'] }, image: 'host:5000/web', ports: [fixed, range] },
      job: { image: 'host:5000/web' },
      db: { image: 'redis:7', container_name: 'the-db' },
      beside: {
        image: 'redis:7',
        network_mode: 'container:the-db',
        pid: 'container:another',
        volumes_from: ['container:the-db:ro', 'job'],
      },
    },
    {
      networks: { default: { name: 'pr-12_default' }, shared: { name: 'shared', external: true } },
      volumes: {
        data: { name: 'pr-12_data' },
        named: { name: 'named', labels: { a: 'b' } },
        other: { name: 'other', external: true },
      },
    },
  ),
  name: 'pr-12',
};
const copy: Copy = {
  project: 'pr-12',
  directory: '/shop',
  original: 'shop',
  data: 'empty',
  ports: { [portKey('web', fixed)]: 20001 },
};

test('a copy has ports and names of its own', () => {
  const { services, networks, volumes, cloned } = asCopy(stack, copy);
  expect(services.web?.ports?.map(({ published }) => published)).toEqual(['20001', '9000-9005']);
  expect([services.web?.image, services.job?.image, services.db?.image]).toEqual([
    'host:5000/web:pr-12',
    'host:5000/web:pr-12',
    'redis:7',
  ]);
  expect(services.db).toMatchObject({
    container_name: 'the-db-pr-12',
    networks: { default: { aliases: ['the-db'] } },
  });
  expect(services.web?.build?.tags).toEqual(['web:dev-pr-12']);
  expect(services.beside).toMatchObject({
    network_mode: 'container:the-db-pr-12',
    pid: 'container:another',
    volumes_from: ['container:the-db-pr-12:ro', 'job'],
  });
  expect(Object.values(networks).map(({ name }) => name)).toEqual(['pr-12_default', 'shared']);
  expect(Object.values(volumes).map(({ name }) => name)).toEqual(['pr-12_data', 'pr-12_named', 'other']);
  expect(cloned).toBeUndefined();
});

test('it has the volumes of the original, or what is in them', () => {
  expect(Object.values(asCopy(stack, { ...copy, data: 'share' }).volumes)).toEqual([
    { name: 'shop_data', external: true },
    { name: 'named', external: true },
    { name: 'other', external: true },
  ]);
  expect({ ...asCopy(stack, { ...copy, data: 'clone' }).cloned }).toEqual({
    data: 'shop_data',
    named: 'named',
  });
});
