import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import type { Service, Stack } from '../../src/model/stack.ts';
import { only } from '../../src/plan/choices.ts';
import { discover } from '../../src/plan/discovery.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const started = { condition: 'service_started', required: true } as const;

/** What the service `web` is told. */
function told(
  services: Record<string, Service>,
  rest: Partial<Stack> = {},
  images: ObservedState['images'] = {},
) {
  const stack = stackOf(services, rest);
  return discover(stack, 'web', stack.services.web ?? {}, images);
}

/** The same of one peer, by what stands behind its prefix. */
function toldOf(peer: Service, more: Service = {}): Readonly<Record<string, string>> {
  const { variables } = told({ peer, web: { image: 'web', depends_on: { peer: started }, ...more } });
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name.slice(5), value]));
}

test('a dependant learns host, port and address of what it depends on and links to, as the links of Docker told them', () => {
  const { variables } = told({
    cache: { image: 'registry.example:5000/team/redis:7@sha256:abc' },
    'user-api': { image: 'api', expose: ['9000-9001/tcp'] },
    quiet: { image: 'quiet' },
    web: {
      image: 'web',
      depends_on: { cache: started, 'user-api': started, quiet: started },
      links: ['cache:store', 'quiet'],
    },
  });
  expect(variables).toEqual({
    CACHE_HOST: 'cache',
    CACHE_PORT: '6379',
    CACHE_URL: 'redis://cache:6379/0',
    CACHE_NAME: '/web/cache',
    CACHE_PORT_6379_TCP: 'tcp://cache:6379',
    CACHE_PORT_6379_TCP_ADDR: 'cache',
    CACHE_PORT_6379_TCP_PORT: '6379',
    CACHE_PORT_6379_TCP_PROTO: 'tcp',
    USER_API_HOST: 'user-api',
    USER_API_PORT: '9000',
    USER_API_NAME: '/web/user-api',
    USER_API_PORT_9000_TCP: 'tcp://user-api:9000',
    USER_API_PORT_9000_TCP_ADDR: 'user-api',
    USER_API_PORT_9000_TCP_PORT: '9000',
    USER_API_PORT_9000_TCP_PROTO: 'tcp',
    USER_API_PORT_9001_TCP: 'tcp://user-api:9001',
    USER_API_PORT_9001_TCP_ADDR: 'user-api',
    USER_API_PORT_9001_TCP_PORT: '9001',
    USER_API_PORT_9001_TCP_PROTO: 'tcp',
    QUIET_HOST: 'quiet',
    QUIET_NAME: '/web/quiet',
    STORE_HOST: 'store',
    STORE_PORT: '6379',
    STORE_URL: 'redis://store:6379/0',
    STORE_NAME: '/web/store',
    STORE_PORT_6379_TCP: 'tcp://store:6379',
    STORE_PORT_6379_TCP_ADDR: 'store',
    STORE_PORT_6379_TCP_PORT: '6379',
    STORE_PORT_6379_TCP_PROTO: 'tcp',
  });
});

test('what a service is there for is its port, whatever else it publishes', () => {
  const port = (target: number) => ({ target, protocol: 'tcp' });
  expect(toldOf({ image: 'rabbitmq:4-management', ports: [port(15_672)] })).toMatchObject({
    PORT: '5672',
    PORT_15672_TCP: 'tcp://peer:15672',
  });
  expect(toldOf({ image: 'nginx', ports: [port(8080)] })).toMatchObject({ PORT: '8080' });
  expect(toldOf({ image: 'page', ports: [port(9229), port(80)] })).toMatchObject({ PORT: '9229' });
  const listeners = 'PLAINTEXT://peer:29092,HOST://localhost:9092';
  const kafka = { image: 'confluentinc/cp-kafka', environment: { KAFKA_ADVERTISED_LISTENERS: listeners } };
  expect(toldOf(kafka)).toMatchObject({ PORT: '29092', URL: 'kafka://peer:29092' });
});

test.each([
  [
    'postgres:16',
    { POSTGRES_PASSWORD: 'a b/c' },
    'postgresql://postgres:a%20b%2Fc@peer:5432/postgres',
    'postgres',
  ],
  ['postgres', { POSTGRES_USER: 'me', POSTGRES_DB: 'shop' }, 'postgresql://me@peer:5432/shop', 'shop'],
  ['postgres', { POSTGRES_USER_FILE: '/run/secrets/user' }, undefined, undefined],
  ['mysql:8', { MYSQL_ROOT_PASSWORD: 'root' }, 'mysql://root:root@peer:3306', undefined],
  [
    'mariadb',
    { MARIADB_USER: 'me', MARIADB_PASSWORD: 'pw', MARIADB_DATABASE: 'a' },
    'mysql://me:pw@peer:3306/a',
    'a',
  ],
  ['rabbitmq', {}, 'amqp://guest:guest@peer:5672', '/web/peer'],
  ['rabbitmq', { RABBITMQ_DEFAULT_VHOST: 'v/1' }, 'amqp://guest:guest@peer:5672/v%2F1', '/web/peer'],
  ['mongo', {}, 'mongodb://peer:27017/', undefined],
  [
    'mongo',
    { MONGO_INITDB_ROOT_USERNAME: 'root', MONGO_INITDB_ROOT_PASSWORD: 'pw', MONGO_INITDB_DATABASE: 'shop' },
    'mongodb://root:pw@peer:27017/shop?authSource=admin',
    'shop',
  ],
  ['nats', {}, 'nats://peer:4222', '/web/peer'],
  ['elasticsearch:8.15.0', { ELASTIC_PASSWORD: 'pw' }, 'https://elastic:pw@peer:9200', '/web/peer'],
  ['elasticsearch:8.15.0', { 'xpack.security.enabled': 'false' }, 'http://peer:9200', '/web/peer'],
  ['elasticsearch:7.17.0', {}, 'http://peer:9200', '/web/peer'],
  [
    'minio/minio',
    { MINIO_ROOT_USER: 'me', MINIO_ROOT_PASSWORD: 'pw' },
    'http://me:pw@peer:9000',
    '/web/peer',
  ],
  ['nginx', {}, 'http://peer:80', '/web/peer'],
])('the address of %s with %o', (image, environment, url, name) => {
  const variables = toldOf({ image, environment: environment as Record<string, string> });
  expect([variables.URL, variables.NAME]).toEqual([url, name]);
});

test('an address comes from the command, from what a service says it provides, or from a port that has one use', () => {
  expect(toldOf({ image: 'redis', command: ['redis-server', '--requirepass', 'pw'] }).URL).toBe(
    'redis://default:pw@peer:6379/0',
  );
  const provides = { url: 'ws://{host}:{port}/live' };
  expect(toldOf({ image: 'live', expose: ['7000'], 'x-stack': { provides } }).URL).toBe(
    'ws://peer:7000/live',
  );
  expect(toldOf({ image: 'live', 'x-stack': { provides } }).URL).toBeUndefined();
  expect(toldOf({ image: 'api', expose: ['8080'] }).URL).toBe('http://peer:8080');
});

test('a password in a secret is told as the file where the dependant has it, and never in an address', () => {
  const db = {
    image: 'postgres',
    environment: { POSTGRES_PASSWORD_FILE: '/run/secrets/pw' },
    secrets: [{ source: 'pw' }],
  };
  expect(toldOf(db, { secrets: [{ source: 'pw', target: 'db.txt' }] })).toMatchObject({
    URL: 'postgresql://postgres@peer:5432/postgres',
    PASSWORD_FILE: '/run/secrets/db.txt',
  });
  expect(toldOf(db)).not.toHaveProperty('PASSWORD_FILE');
});

test('what the file sets wins, and who says that a peer is elsewhere is told no more of it', () => {
  const peer = { image: 'redis' };
  const web = (environment: Record<string, string | null>) => ({
    image: 'web',
    depends_on: { db: started },
    environment,
  });
  expect(told({ db: peer, web: web({ DB_HOST: 'elsewhere' }) })).toMatchObject({
    variables: {},
    leftOut: [{ name: 'DB_*', service: 'db', because: 'the file sets DB_HOST to something else' }],
  });
  const same = told({ db: peer, web: web({ DB_HOST: 'db', DB_URL: 'redis://other', DB_NAME: null }) });
  expect(same.variables).toMatchObject({ DB_PORT: '6379' });
  expect(same.variables).not.toHaveProperty('DB_HOST');
  expect(same.leftOut.map(({ name }) => name)).toEqual(['DB_URL', 'DB_NAME']);
});

test('variables that programs take for something else are left out', () => {
  const uses = { depends_on: { app: started, server: started, docker: started, mysql: started } };
  const peer = { image: 'thing', expose: ['1'] };
  const { variables, leftOut } = told({
    app: peer,
    server: peer,
    docker: peer,
    mysql: { image: 'mysql' },
    web: { image: 'mysql:8', ...uses },
  });
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(['DOCKER_PORT', 'APP_PORT_1_TCP']));
  const own = told({ 'web-db': peer, web: { image: 'web', depends_on: { 'web-db': started } } });
  expect(own.variables.WEB_DB_HOST).toBe('web-db');
  for (const name of ['APP_PORT', 'APP_NAME', 'SERVER_PORT', 'DOCKER_HOST', 'MYSQL_HOST'])
    expect(leftOut.map((one) => one.name)).toContain(name);
  const all = told({
    db: peer,
    'db.port': peer,
    '2nd': peer,
    web: { depends_on: { db: started, 'db.port': started, '2nd': started } },
  });
  expect(all.variables).toMatchObject({ DB_PORT: '1', DB_PORT_HOST: 'db.port', _2ND_HOST: '2nd' });
});

test('only who can be reached is told of, by the name that leads there', () => {
  const networks = (...names: string[]) => ({
    networks: Object.fromEntries(names.map((name) => [name, null])),
  });
  const peer = { image: 'redis', ...networks('back') };
  const uses = { image: 'web', depends_on: { db: started } };
  expect(told({ db: peer, web: { ...uses, ...networks('front', 'back') } }).variables.DB_HOST).toBe('db');
  expect(told({ db: peer, web: { ...uses, ...networks('front') } })).toMatchObject({
    variables: {},
    leftOut: [{ name: 'DB_*', service: 'db', because: 'it has no network in common with db' }],
  });
  const joined = (network_mode: string) => ({ ...uses, networks: {}, network_mode });
  expect(told({ db: peer, web: joined('service:db') }).variables.DB_HOST).toBe('localhost');
  expect(told({ db: peer, web: joined('host') }).variables).toEqual({});
  const shared = { db: { image: 'redis', networks: {}, network_mode: 'service:vpn' }, vpn: peer };
  expect(told({ ...shared, web: { ...uses, ...networks('back') } }).variables.DB_HOST).toBe('vpn');
});

test('jobs that have done their work and what programs stand for are nowhere', () => {
  const services = { job: { image: 'redis' }, cloud: { provider: { type: 'awesome' } } };
  const done = { condition: 'service_completed_successfully', required: true } as const;
  expect(told({ ...services, web: { depends_on: { job: done, cloud: started } } }).injected).toEqual([]);
});

test('the file switches it off, for a service or for all', () => {
  const services = { db: { image: 'redis' }, web: { depends_on: { db: started } } };
  const off = { 'x-stack': { discovery: false } };
  expect(told({ ...services, web: { ...services.web, ...off } }).variables).toEqual({});
  expect(told(services, { extensions: off }).variables).toEqual({});
  expect(told(services, { discovery: false }).variables).toEqual({});
});

const exposing: ObservedState['images'] = {
  api: { id: 'sha256:api', labels: {}, volumes: [], exposed: ['9229/tcp', '3000/tcp', '53/udp'] },
};
const api = { api: { image: 'api' }, web: { image: 'web', depends_on: { api: started } } };

test('an image tells of ports that nothing else tells of; one that is not there yet is waited for', () => {
  expect(told(api, {}, exposing).variables).toMatchObject({
    API_PORT: '3000',
    API_PORT_53_UDP: 'udp://api:53',
  });
  const missing = planUp(stackOf(api), nothing, {}).steps.find(({ id }) => id === 'create:web-1');
  expect(missing?.after).toContain('pull:api');
  expect(missing?.action).toMatchObject({ surround: { peers: [{ image: 'api' }] } });
  const optional = { ...api.web, depends_on: { api: { ...started, required: false } } };
  const free = planUp(stackOf({ ...api, web: optional }), nothing, {});
  expect(free.steps.find(({ id }) => id === 'create:web-1')?.after).not.toContain('pull:api');
  const there = planUp(stackOf(api), { ...nothing, images: exposing }, {});
  const create = there.steps.find(({ id }) => id === 'create:web-1');
  expect(create?.after).not.toContain('pull:api');
  expect(create?.action).not.toHaveProperty('surround');
});

test('what a service is told is no part of the config hash, but a change of it is noticed', () => {
  const before = stackOf({
    cache: { image: 'redis' },
    web: { image: 'web', depends_on: { cache: started } },
  });
  const after = stackOf({
    cache: { image: 'redis', expose: ['6380'] },
    web: { image: 'web', depends_on: { cache: started } },
  });
  const { images } = runningState(before);
  const state = { ...runningState(before), images };
  expect(planText(planUp(before, state, {}))).toEqual([]);
  const web = (stack: Stack, observed = state): readonly string[] =>
    planText(planUp(stack, observed, {})).filter((line) => line.startsWith('create:web'));
  expect(web(after)[0]).toContain('(what it is told of the services it uses changed)');
  // In the place of Docker Compose, and of containers that it has made.
  expect(web({ ...after, discovery: false })).toEqual([]);
  const { [label.discovery]: _, ...labels } = runningContainer(before, 'web').labels;
  const foreign = state.containers.map((one) => (one.service === 'web' ? { ...one, labels } : one));
  expect(web(after, { ...state, containers: foreign })).toEqual([]);
});

test('what a command leaves alone is told of all the same', () => {
  const stack = stackOf({ cache: { image: 'redis' }, web: { image: 'web', depends_on: { cache: started } } });
  const alone = only(stack, ['web']);
  expect(discover(alone, 'web', alone.services.web ?? {}).variables.CACHE_HOST).toBe('cache');
  expect(planText(planUp(alone, runningState(stack), {}))).toEqual([]);
});
