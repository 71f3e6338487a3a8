import { expect, test } from 'vitest';
import { discoveryVariables } from '../../src/plan/discovery.ts';
import { stackOf } from '../helpers/stack.ts';

const started = { condition: 'service_started', required: true } as const;

test('a dependant learns host and port of what it depends on and links to', () => {
  const stack = stackOf({
    db: { image: 'registry.example:5000/team/postgres:16@sha256:abc' },
    'user-api': { image: 'api', expose: ['9000-9001/tcp'] },
    page: { image: 'page', ports: [{ target: 8080, protocol: 'tcp' }] },
    quiet: { image: 'quiet' },
    web: {
      image: 'web',
      depends_on: { db: started, 'user-api': started, quiet: started, page: started },
      links: ['db:database'],
    },
  });
  expect(discoveryVariables(stack, stack.services.web ?? {})).toEqual({
    DB_HOST: 'db',
    DB_PORT: '5432',
    DATABASE_HOST: 'database',
    DATABASE_PORT: '5432',
    USER_API_HOST: 'user-api',
    USER_API_PORT: '9000',
    PAGE_HOST: 'page',
    PAGE_PORT: '8080',
    QUIET_HOST: 'quiet',
  });
});

test('what the file sets wins', () => {
  const stack = stackOf({
    db: { image: 'redis' },
    web: { image: 'web', depends_on: { db: started }, environment: { DB_HOST: 'elsewhere' } },
  });
  expect(discoveryVariables(stack, stack.services.web ?? {})).toEqual({ DB_PORT: '6379' });
});
