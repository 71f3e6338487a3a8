import { expect, test } from 'vitest';
import {
  isSecretName,
  maskAddresses,
  maskLine,
  maskSecrets,
  maskValue,
  secretsAmong,
} from '../../src/model/masking.ts';

test.each([
  'PASSWORD',
  'DB_PASSWORD',
  'PGPASSWORD',
  'MYSQL_PWD',
  'SMTP_PASS',
  'dbPassword',
  'spring.datasource.password',
  'API_KEY',
  'APIKEY',
  'apiKey',
  'AWS_SECRET_ACCESS_KEY',
  'SECRET_KEY_BASE',
  'SSH_PRIVATE_KEY',
  'privateKey',
  'GITHUB_TOKEN',
  'accesstoken',
  'BASIC_AUTH',
  'CREDENTIALS',
  'KEY_PASSPHRASE',
  'traefik.http.middlewares.a.basicauth.password',
])('%s is the name of a credential', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  'PWD',
  'OLDPWD',
  'PASSWORD_FILE',
  'AUTHOR',
  'AUTHORS',
  'TOKENIZER',
  'TOKENIZERS_PARALLELISM',
  'SECRETARY',
  'PASSENGER',
  'BYPASS',
  'PUBLIC_KEY',
  'KEYBOARD',
  'MONKEY',
  'AWS_ACCESS_KEY_ID',
  'TOKEN_TTL',
  'AUTH_URL',
  'POSTGRES_HOST_AUTH_METHOD',
  'COMPASS',
  'PASSWORDLESS',
  'image',
  '',
])('%s is not', (name) => {
  expect(isSecretName(name)).toBe(false);
});

test.each([
  ['DATABASE_URL', 'postgres://me:s3cr3t@db:5432/x', 'postgres://me:********@db:5432/x'],
  ['REDIS', 'redis://:s3cr3t@cache', 'redis://:********@cache'],
  ['SPRING', 'jdbc:mysql://h/db?user=x&password=y&z=1', 'jdbc:mysql://h/db?user=x&password=********&z=1'],
  ['JAVA_OPTS', '-Ddb.password=x -Xmx1g', '-Ddb.password=******** -Xmx1g'],
  ['CONFIG', '{"token": "abc", "author": "me"}', '{"token": "********", "author": "me"}'],
  ['DB_PASSWORD', 'hunter2', '********'],
  ['DB_PASSWORD', '', ''],
  ['ALLOW_EMPTY_PASSWORD', 'yes', 'yes'],
  ['DB_PASSWORD', '${DB_PASSWORD}', '${DB_PASSWORD}'],
  ['DB_PASSWORD', '${DB_PASSWORD:?tell me}', '${DB_PASSWORD:?tell me}'],
  ['DB_PASSWORD', '${DB_PASSWORD:-hunter2}', '********'],
  ['URL', 'http://host:80/a@b', 'http://host:80/a@b'],
  ['CMD', 'run --api-key k3y --user 1000:1000', 'run --api-key ******** --user 1000:1000'],
  ['CMD', 'curl -s -u me:pw http://x', 'curl -s -u me:******** http://x'],
  ['CMD', 'Authorization: Basic bWU6cHc=', 'Authorization: Basic ********'],
  ['CMD', 'echo ${DB_PASSWORD:-hunter2} ${A:-b}', 'echo ${DB_PASSWORD:-********} ${A:-b}'],
  ['USERS', 'me:$apr1$abcdefgh$ijkl/', 'me:********'],
  ['HOOK', 'https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/services/********'],
  ['PEM', '-----BEGIN PRIVATE KEY-----\nMII\n-----END', '-----BEGIN PRIVATE KEY-----********-----END'],
  ['SECRET_URL', 'https://vault/x', 'https://vault/x'],
])('%s=%s is shown as %s', (name, value, shown) => {
  expect(maskValue(name, value)).toBe(shown);
});

test('a model is masked wherever a credential stands, and says how often', () => {
  const model = {
    services: {
      web: {
        image: 'postgres',
        environment: { DB_PASSWORD: 'x1', PASSWORD_FILE: '/run/x', PORT: 80 },
        build: { args: { NPM_TOKEN: 'npm_x' } },
        command: ['redis-server', '--requirepass', 's3cr3t!'],
        secrets: [{ source: 'token', target: '/run/secrets/token' }],
        depends_on: { auth: { condition: 'service_started' } },
      },
    },
    configs: { app: { content: 'user: me\npassword: x\nurl: "postgres"\n' } },
  };
  const { value, count } = maskSecrets(model, ['s3cr3t!', 'postgres']);
  expect(value).toEqual({
    services: {
      web: {
        ...model.services.web,
        environment: { DB_PASSWORD: '********', PASSWORD_FILE: '/run/x', PORT: 80 },
        build: { args: { NPM_TOKEN: '********' } },
        command: ['redis-server', '--requirepass', '********'],
      },
    },
    configs: { app: { content: 'user: me\npassword: ********\nurl: "********"\n' } },
  });
  expect(count).toBe(4);
});

test('credentials among variables are known by their names, the longest first', () => {
  const variables = new Map([
    ['DB_PASSWORD', 'abcd1'],
    ['API_KEY', 'abcd1234'],
    ['HOME', '/home/me'],
    ['X_TOKEN', 'yes'],
  ]);
  expect(secretsAmong(variables)).toEqual(['abcd1234', 'abcd1']);
});

test('a word behind a flag has its name, and what is a credential in one place is one everywhere', () => {
  const { value, count } = maskSecrets({
    environment: { DB_PASSWORD: 'hunter2' },
    command: ['--password', 'x', '--verbose', 'y', '--token', '--quiet'],
    note: 'as hunter2 said',
  });
  expect(value).toEqual({
    environment: { DB_PASSWORD: '********' },
    command: ['--password', '********', '--verbose', 'y', '--token', '********'],
    note: 'as ******** said',
  });
  expect(count).toBe(4);
});

test.each([
  ['  DB_PASSWORD: hunter2 # mine', '  DB_PASSWORD: ******* # mine'],
  ['  - API_KEY=a b c', '  - API_KEY=*****'],
  ['export TOKEN="ab', 'export TOKEN="**'],
  ['  a: {A: b, DB_PASSWORD: hunter2, "T.token": "x"}', '  a: {A: b, DB_PASSWORD: *******, "T.token": "*"}'],
  ['  url: postgres://u:pw@db/${DB}', '  url: postgres://u:**@db/${DB}'],
  ['  test: ["CMD", "--password", "pw"]', '  test: ["CMD", "--password", "**"]'],
  ['    secrets: [db_password]', '    secrets: [db_password]'],
  ['    secret: !reset null', '    secret: !reset null'],
  ['    password: ${PASSWORD:?}', '    password: ${PASSWORD:?}'],
  ['    image: nginx', '    image: nginx'],
])('the line %s is shown as %s', (line, shown) => {
  expect(maskLine(line)).toBe(shown);
});

test('of a line the list or map that should have been text is masked, and no list of the secrets of a service', () => {
  expect(maskLine('      DB_PASSWORD: [abc] # x')).toBe('      DB_PASSWORD: ***** # x');
  expect(maskLine('    secrets: [file, token]')).toBe('    secrets: [file, token]');
});

test('passwords in addresses alone', () => {
  expect(maskAddresses('RUN git clone https://me:pw1@host/x.git TOKEN=abc')).toBe(
    'RUN git clone https://me:********@host/x.git TOKEN=abc',
  );
});

test('a long text without an end of a name is masked in time', () => {
  for (const part of ['password', 'a.', 'a-', '_'])
    expect(maskLine(part.repeat(100_000))).toBe(part.repeat(100_000));
});
