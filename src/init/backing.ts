/** A database or the like that programs need. */
export interface Backing {
  /** The name of its service. */
  readonly name: string;
  /** What it is, for people. */
  readonly what: string;
  /** The library that says so. */
  readonly because: string;
  /** The lines of its service, below its name, but for its port. */
  readonly lines: readonly string[];
  /** Where it listens. */
  readonly port: number;
  /** The volume in which its data is; absent: it keeps none. */
  readonly volume?: string;
  /** The variable of `.env` with its password; absent: it has none. */
  readonly password?: string;
  /** What tells programs where it is: a variable and its value. */
  readonly address: readonly [name: string, value: string];
}

interface Known extends Omit<Backing, 'because'> {
  /** Names of libraries that speak with it. */
  readonly libraries: RegExp;
}

const known: readonly Known[] = [
  {
    name: 'db',
    what: 'PostgreSQL',
    port: 5432,
    libraries:
      /^(?:pg|postgres|pg-promise|psycopg|psycopg2|psycopg2-binary|psycopg\[.*|asyncpg|postgresql|github\.com\/lib\/pq|github\.com\/jackc\/pgx\S*)$/,
    lines: [
      'image: postgres:16',
      'environment:',
      '  POSTGRES_USER: app',
      '  POSTGRES_DB: app',
      `  POSTGRES_PASSWORD: \${DB_PASSWORD:?stack env --fill makes one up}`,
      'healthcheck:',
      '  test: [CMD, pg_isready, -U, app]',
      '  interval: 5s',
      '  start_period: 1m',
      'volumes: ["db:/var/lib/postgresql/data"]',
    ],
    volume: 'db',
    password: 'DB_PASSWORD',
    address: ['DATABASE_URL', `postgres://app:\${DB_PASSWORD}@db:5432/app`],
  },
  {
    name: 'db',
    what: 'MySQL',
    port: 3306,
    libraries:
      /^(?:mysql|mysql2|pymysql|mysqlclient|mysql-connector-java|mysql-connector-j|github\.com\/go-sql-driver\/mysql)$/,
    lines: [
      'image: mysql:8',
      'environment:',
      '  MYSQL_USER: app',
      '  MYSQL_DATABASE: app',
      `  MYSQL_PASSWORD: \${DB_PASSWORD:?stack env --fill makes one up}`,
      '  MYSQL_RANDOM_ROOT_PASSWORD: "yes"',
      'healthcheck:',
      '  test: mysqladmin ping -h 127.0.0.1 -u app -p"$$MYSQL_PASSWORD" --silent',
      '  interval: 5s',
      '  start_period: 1m',
      'volumes: ["db:/var/lib/mysql"]',
    ],
    volume: 'db',
    password: 'DB_PASSWORD',
    address: ['DATABASE_URL', `mysql://app:\${DB_PASSWORD}@db:3306/app`],
  },
  {
    name: 'mongo',
    what: 'MongoDB',
    port: 27_017,
    libraries:
      /^(?:mongodb|mongoose|pymongo|motor|mongoid|go\.mongodb\.org\/mongo-driver\S*|spring-boot-starter-data-mongodb)$/,
    lines: [
      'image: mongo:7',
      'healthcheck:',
      '  test: [CMD, mongosh, --quiet, --eval, db.runCommand("ping").ok]',
      '  interval: 5s',
      '  start_period: 1m',
      'volumes: ["mongo:/data/db"]',
    ],
    volume: 'mongo',
    address: ['MONGO_URL', 'mongodb://mongo:27017/app'],
  },
  {
    name: 'redis',
    what: 'Redis',
    port: 6379,
    libraries:
      /^(?:redis|ioredis|bull|bullmq|sidekiq|resque|github\.com\/redis\/go-redis\S*|github\.com\/go-redis\/redis\S*|spring-boot-starter-data-redis)$/,
    lines: [
      'image: redis:7',
      'healthcheck:',
      '  test: [CMD, redis-cli, ping]',
      '  interval: 5s',
      '  start_period: 1m',
    ],
    address: ['REDIS_URL', 'redis://redis:6379'],
  },
  {
    name: 'rabbitmq',
    what: 'RabbitMQ',
    port: 5672,
    libraries: /^(?:amqplib|pika|bunny|github\.com\/rabbitmq\/amqp091-go|spring-boot-starter-amqp)$/,
    lines: [
      'image: rabbitmq:3',
      'healthcheck:',
      '  test: [CMD, rabbitmq-diagnostics, -q, ping]',
      '  interval: 10s',
      '  start_period: 1m',
    ],
    address: ['AMQP_URL', 'amqp://guest:guest@rabbitmq:5672'],
  },
];

/** What libraries speak with; of two databases with one name the first. */
export function backingServices(libraries: readonly string[]): readonly Backing[] {
  const found = new Map<string, Backing>();
  for (const { libraries: speaking, ...backing } of known) {
    const because = libraries.find((name) => speaking.test(name));
    if (because !== undefined && !found.has(backing.name)) found.set(backing.name, { ...backing, because });
  }
  return [...found.values()];
}
