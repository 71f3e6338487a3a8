import type { Service } from '../model/stack.ts';

/** What is known of services by the image that they run. */
export interface WellKnown {
  /** What it is there for. */
  readonly port: number;
  /** Ports for people, metrics and members of a cluster: to publish one says nothing about the first. */
  readonly side?: readonly number[];
  /** Its address, with `{host}` and `{port}`; absent: there is none, or what belongs into it is in a file. */
  readonly url?: (service: Setting) => string | undefined;
  /** The database that is there from the beginning. */
  readonly database?: (service: Setting) => string | undefined;
  /** The variables that name a file with the password of the user of the address. */
  readonly passwordFiles?: readonly string[];
}

/** What a service is set to, by its environment and its command. */
export interface Setting {
  /** The value of the first of these variables that has one. */
  readonly value: (...names: readonly string[]) => string | undefined;
  /** The word behind one of these flags of the command. */
  readonly flag: (...names: readonly string[]) => string | undefined;
  /** Of the image. */
  readonly tag: string;
}

/** What is known of the image of a service, by the last part of its name: `registry:5000/team/redis:7@sha256:…` is `redis`. */
export function wellKnownOf(image: string): WellKnown | undefined {
  const name = repositoryName(image);
  return Object.hasOwn(byImage, name) ? byImage[name] : undefined;
}

/** `registry:5000/team/redis:7@sha256:…` → `redis` */
export function repositoryName(image: string): string {
  return lastPart(image).replace(/[:@].*$/, '');
}

function lastPart(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

export function settingOf({ environment = {}, command = [] }: Service, image: string): Setting {
  return {
    value: (...names) =>
      names.map((name) => environment[name]).find((value) => typeof value === 'string' && value !== '') ??
      undefined,
    flag: (...names) => {
      const words = command.flatMap((word) => word.split(/\s+/));
      const at = words.findIndex((word) => names.includes(word.split('=', 1)[0] ?? ''));
      const word = words[at];
      return word?.includes('=') === true ? word.slice(word.indexOf('=') + 1) : words[at + 1];
    },
    tag: /:([^@]*)/.exec(lastPart(image))?.[1] ?? '',
  };
}

interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

function addressOf(scheme: string, { user, password }: Credentials = {}, path = ''): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const who = user === undefined && secret === '' ? '' : `${encodeURIComponent(user ?? '')}${secret}@`;
  return `${scheme}://${who}{host}:{port}${path}`;
}

/** An address that says nothing but how to speak. */
function plain(port: number, scheme = 'http', side: readonly number[] = []): WellKnown {
  return { port, side, url: () => addressOf(scheme) };
}

const postgres: WellKnown = {
  port: 5432,
  url: (service) => {
    // Who it is, is in a file.
    if (service.value('POSTGRES_USER_FILE', 'POSTGRES_DB_FILE') !== undefined) return undefined;
    const user = service.value('POSTGRES_USER', 'POSTGRESQL_USERNAME') ?? 'postgres';
    const password = service.value('POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD');
    const database = service.value('POSTGRES_DB', 'POSTGRESQL_DATABASE') ?? user;
    return addressOf('postgresql', { user, password }, `/${encodeURIComponent(database)}`);
  },
  database: (service) =>
    service.value('POSTGRES_DB_FILE', 'POSTGRES_USER_FILE') === undefined
      ? (service.value('POSTGRES_DB', 'POSTGRESQL_DATABASE', 'POSTGRES_USER', 'POSTGRESQL_USERNAME') ??
        'postgres')
      : undefined,
  passwordFiles: ['POSTGRES_PASSWORD_FILE', 'POSTGRESQL_PASSWORD_FILE'],
};

const mysql: WellKnown = {
  port: 3306,
  side: [33060],
  url: (service) => {
    const named = (what: string): readonly string[] => [`MYSQL_${what}`, `MARIADB_${what}`];
    const files = [...named('USER_FILE'), ...named('DATABASE_FILE')];
    if (service.value(...files) !== undefined) return undefined;
    const own = service.value(...named('USER'));
    const password = service.value(...named(own === undefined ? 'ROOT_PASSWORD' : 'PASSWORD'));
    const database = service.value(...named('DATABASE'));
    const path = database === undefined ? '' : `/${encodeURIComponent(database)}`;
    return addressOf('mysql', { user: own ?? 'root', password }, path);
  },
  database: (service) => service.value('MYSQL_DATABASE', 'MARIADB_DATABASE'),
  passwordFiles: [
    'MYSQL_PASSWORD_FILE',
    'MARIADB_PASSWORD_FILE',
    'MYSQL_ROOT_PASSWORD_FILE',
    'MARIADB_ROOT_PASSWORD_FILE',
  ],
};

const redis: WellKnown = {
  port: 6379,
  side: [8001],
  url: (service) => {
    const password = service.flag('--requirepass') ?? service.value('REDIS_PASSWORD');
    // Its own client takes no password without a user; servers before version 6 know no users.
    const user = password === undefined || Number.parseInt(service.tag, 10) < 6 ? undefined : 'default';
    return addressOf('redis', { user, password }, '/0');
  },
  passwordFiles: ['REDIS_PASSWORD_FILE'],
};

const mongo: WellKnown = {
  port: 27_017,
  url: (service) => {
    const file = service.value('MONGO_INITDB_ROOT_USERNAME_FILE');
    if (file !== undefined) return undefined;
    const user = service.value('MONGO_INITDB_ROOT_USERNAME');
    const database = encodeURIComponent(service.value('MONGO_INITDB_DATABASE') ?? '');
    if (user === undefined) return addressOf('mongodb', {}, `/${database}`);
    const password = service.value('MONGO_INITDB_ROOT_PASSWORD');
    // The first user is kept there, whatever database is used.
    return addressOf('mongodb', { user, password }, `/${database}?authSource=admin`);
  },
  database: (service) => service.value('MONGO_INITDB_DATABASE'),
  passwordFiles: ['MONGO_INITDB_ROOT_PASSWORD_FILE'],
};

const rabbitmq: WellKnown = {
  port: 5672,
  side: [4369, 5671, 15_671, 15_672, 15_691, 15_692, 25_672],
  url: (service) => {
    const user = service.value('RABBITMQ_DEFAULT_USER') ?? 'guest';
    const password = service.value('RABBITMQ_DEFAULT_PASS') ?? 'guest';
    const host = service.value('RABBITMQ_DEFAULT_VHOST') ?? '/';
    return addressOf('amqp', { user, password }, host === '/' ? '' : `/${encodeURIComponent(host)}`);
  },
};

const nats: WellKnown = {
  port: 4222,
  side: [6222, 8222],
  url: (service) =>
    addressOf('nats', { user: service.flag('--user', '-user'), password: service.flag('--pass', '-pass') }),
};

const elasticsearch: WellKnown = {
  port: 9200,
  side: [9300, 9600],
  url: (service) => {
    const isOff = (name: string): boolean => service.value(name) === 'false';
    const password = isOff('xpack.security.enabled') ? undefined : service.value('ELASTIC_PASSWORD');
    // From version 8 on it encrypts unless it is told not to.
    const isPlain =
      isOff('xpack.security.enabled') ||
      isOff('xpack.security.http.ssl.enabled') ||
      Number.parseInt(service.tag, 10) < 8;
    const user = password === undefined ? undefined : 'elastic';
    return addressOf(isPlain ? 'http' : 'https', { user, password });
  },
  passwordFiles: ['ELASTIC_PASSWORD_FILE'],
};

const opensearch: WellKnown = {
  port: 9200,
  side: [9300, 9600],
  url: (service) => {
    const isOff = service.value('plugins.security.disabled', 'DISABLE_SECURITY_PLUGIN') === 'true';
    const password = isOff ? undefined : service.value('OPENSEARCH_INITIAL_ADMIN_PASSWORD');
    const user = password === undefined ? undefined : 'admin';
    return addressOf(isOff ? 'http' : 'https', { user, password });
  },
};

const minio: WellKnown = {
  port: 9000,
  side: [9001, 9090],
  url: (service) => {
    if (service.value('MINIO_ROOT_USER_FILE') !== undefined) return undefined;
    const user = service.value('MINIO_ROOT_USER', 'MINIO_ACCESS_KEY') ?? 'minioadmin';
    const isFile = service.value('MINIO_ROOT_PASSWORD_FILE') !== undefined;
    const password = isFile ? undefined : service.value('MINIO_ROOT_PASSWORD', 'MINIO_SECRET_KEY');
    return addressOf('http', { user, password: password ?? (isFile ? undefined : 'minioadmin') });
  },
  passwordFiles: ['MINIO_ROOT_PASSWORD_FILE'],
};

const couchdb: WellKnown = {
  port: 5984,
  url: (service) =>
    addressOf('http', { user: service.value('COUCHDB_USER'), password: service.value('COUCHDB_PASSWORD') }),
};

const byImage: Readonly<Record<string, WellKnown>> = {
  caddy: plain(80),
  cassandra: { port: 9042 },
  'clickhouse-server': plain(8123, 'http', [9000, 9009]),
  consul: plain(8500, 'http', [8600]),
  couchdb,
  'cp-kafka': plain(9092, 'kafka', [9101]),
  'eclipse-mosquitto': plain(1883, 'mqtt', [9001]),
  elasticsearch,
  etcd: plain(2379, 'http', [2380]),
  grafana: plain(3000),
  httpd: plain(80),
  influxdb: plain(8086),
  kafka: plain(9092, 'kafka', [9093, 9101]),
  keydb: redis,
  localstack: plain(4566),
  mailhog: plain(1025, 'smtp', [8025]),
  mailpit: plain(1025, 'smtp', [8025]),
  mariadb: mysql,
  meilisearch: plain(7700),
  memcached: { port: 11_211 },
  minio,
  mongo,
  mongodb: mongo,
  mysql,
  nats,
  neo4j: { port: 7687, side: [7473, 7474] },
  nginx: plain(80),
  'nginx-unprivileged': plain(8080),
  opensearch,
  percona: mysql,
  'percona-server': mysql,
  pgvector: postgres,
  postgis: postgres,
  postgres,
  postgresql: postgres,
  rabbitmq,
  redis,
  'redis-stack': redis,
  'redis-stack-server': redis,
  redpanda: plain(9092, 'kafka', [8081, 8082, 9644]),
  solr: plain(8983),
  timescaledb: postgres,
  valkey: redis,
  vault: plain(8200),
  zookeeper: { port: 2181 },
};
