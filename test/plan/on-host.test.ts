import { expect, test } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { onHost } from '../../src/plan/on-host.ts';
import { stackOf } from '../helpers/stack.ts';

const services: Record<string, Service> = {
  api: {
    image: 'node:24',
    links: ['db:database'],
    volumes: [{ type: 'bind', source: '/shop/data', target: '/data' }],
    secrets: [{ source: 'token' }],
  },
  db: { image: 'postgres:16', networks: { default: { aliases: ['primary'] } } },
  cache: { image: 'redis:7', container_name: 'shop-cache' },
  kafka: { image: 'mine', expose: ['9092'] },
};
const ports: Record<string, number> = { 'db:5432': 15_432, 'cache:6379': 6379, 'db:80': 8080 };

function told(variables: Record<string, string>) {
  const stack = stackOf(services, { secrets: { token: { name: 'token', file: '/shop/token.txt' } } });
  return onHost(stack, 'api', variables, (service, port) => {
    const found = ports[`${service}:${port}`];
    return found === undefined ? undefined : { host: '127.0.0.1', port: found };
  });
}

test.each([
  ['postgres://db:db@db:5432/db', 'postgres://db:db@127.0.0.1:15432/db'],
  ['jdbc:postgresql://database:5432/x?user=db', 'jdbc:postgresql://127.0.0.1:15432/x?user=db'],
  ['postgres://u:p%40@primary/x', 'postgres://u:p%40@127.0.0.1:15432/x'],
  ['http://db/health', 'http://127.0.0.1:8080/health'],
  ['redis://shop-cache:6379/0', 'redis://127.0.0.1:6379/0'],
  ['db:5432,other:5432', '127.0.0.1:15432,other:5432'],
  ['user:secret@tcp(db:5432)/x', 'user:secret@tcp(127.0.0.1:15432)/x'],
  ['http://api:3000/x', 'http://127.0.0.1:3000/x'],
  // An image, a word, another machine, another port that is nobody's.
  ['redis:7', 'redis:7'],
  ['db', 'db'],
  ['http://db.example.com:5432/', 'http://db.example.com:5432/'],
  ['my-db:5432', 'my-db:5432'],
  ['db:54321', 'db:54321'],
])('%s becomes %s', (inContainer, here) => {
  expect(told({ VALUE: inContainer })).toEqual({ variables: { VALUE: here }, warnings: [] });
});

test('a host and the port beside it go together', () => {
  expect(
    told({ DB_HOST: 'db', DB_PORT: '5432', CACHE_HOSTNAME: 'cache', PGHOST: 'database' }).variables,
  ).toEqual({
    DB_HOST: '127.0.0.1',
    DB_PORT: '15432',
    // Its port is the usual one here, too; that of the other nobody would know.
    CACHE_HOSTNAME: '127.0.0.1',
    PGHOST: '127.0.0.1',
    PGPORT: '15432',
  });
  const links = { DB_PORT_5432_TCP_ADDR: 'db', DB_PORT_5432_TCP_PORT: '5432', DB_PORT: 'tcp://db:5432' };
  expect(told({ ...links, DB_HOST: 'db' }).variables).toEqual({
    DB_PORT_5432_TCP_ADDR: '127.0.0.1',
    DB_PORT_5432_TCP_PORT: '15432',
    DB_PORT: 'tcp://127.0.0.1:15432',
    DB_HOST: '127.0.0.1',
  });
});

test('what is mounted from here is named by its place here; the search path is that of the machine', () => {
  const { variables } = told({
    PATH: '/data/bin',
    HOME: '/root',
    UPLOADS: '/data/up',
    TOKEN_FILE: '/run/secrets/token',
    OTHER: '/database',
  });
  expect(variables).toEqual({ UPLOADS: '/shop/data/up', TOKEN_FILE: '/shop/token.txt', OTHER: '/database' });
});

test('of many variables two are named', () => {
  const { warnings } = told({ A: 'kafka:9092', B: 'kafka:9092', C: 'kafka:9092', D: 'kafka:9092' });
  expect(warnings[0]?.message).toMatch(/^A, B and 2 more name port 9092 of kafka,/);
});

test('what is not published stays, and is told once with what publishes it', () => {
  const { variables, warnings } = told({ BROKERS: 'kafka:9092', KAFKA_HOST: 'kafka', KAFKA_PORT: '9092' });
  expect(variables).toEqual({ BROKERS: 'kafka:9092', KAFKA_HOST: 'kafka', KAFKA_PORT: '9092' });
  expect(warnings).toEqual([
    expect.objectContaining({
      code: 'not-published',
      message: 'BROKERS, KAFKA_HOST name port 9092 of kafka, which nothing on this machine leads to',
      hint: 'add `ports: ["127.0.0.1::9092"]` to kafka, then `stack up -d kafka`',
    }),
  ]);
});
