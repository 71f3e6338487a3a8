import { expect, test } from 'vitest';
import { planUp } from '../../src/plan/up.ts';
import { tellService } from '../../src/plan/why.ts';
import { runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const stack = stackOf({
  web: { image, depends_on: { db: { condition: 'service_healthy', required: true } } },
  db: { image: 'postgres:17' },
});
const told = (containers: ReturnType<typeof runningContainer>[], name: string) =>
  tellService(stack, name, containers, planUp(stack, { ...runningState(stack), containers }, {}));

test('a container that waits says for whom and how that one is', () => {
  const web = runningContainer(stack, 'web', { state: 'created', status: 'Created' });
  const db = runningContainer(stack, 'db', { health: 'unhealthy', status: 'Up 1 minute (unhealthy)' });
  expect(told([web, db], 'web')).toBe(
    [
      'shop-web-1: it was created and has not started',
      '  it waits until db is healthy; of shop-db-1: it runs and its health test fails (Up 1 minute (unhealthy))',
      'up would',
      '  start container shop-web-1: it is created',
      '',
    ].join('\n'),
  );
  expect(told([web, db], 'db')).toContain('see what it says: stack logs db');
});

test('a container that is as it should be stays', () => {
  const containers = [...runningState(stack).containers];
  expect(told(containers, 'db')).toBe('shop-db-1: it runs (Up 3 minutes)\nup would leave it as it is\n');
});

test('one that has failed, and none at all', () => {
  const db = runningContainer(stack, 'db', {
    state: 'exited',
    exitCode: 1,
    status: 'Exited (1) 2 seconds ago',
  });
  expect(told([db], 'db')).toContain('shop-db-1: it failed (Exited (1) 2 seconds ago)\n  see what it says');
  expect(told([], 'db')).toMatch(
    /^db has no container\nup would\n {2}create container shop-db-1: it does not exist/,
  );
});
