import { expect, test } from 'vitest';
import { isSecretName, maskSecrets, maskValue, secretsAmong } from '../../src/model/masking.ts';

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
