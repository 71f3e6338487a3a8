import { expect, test } from 'vitest';
import { createDesk, type StaffedDesk } from '../../src/cli/desk.ts';
import type { Session } from '../../src/cli/session.ts';
import { withResolvers } from '../../src/model/resolvers.ts';
import type { Lend } from '../../src/terminal/desk.ts';

const load = {
  directory: '/',
  files: [],
  profiles: [],
  services: [],
  environment: {},
  defaultPlatform: true,
};

/** A desk of a command that has not come so far that anything can be ordered of it. */
function unmet(signal: AbortSignal): StaffedDesk {
  const session = { surroundings: { signal } } as unknown as Session;
  return createDesk({ session, load, hasFile: true });
}

test('an order that nobody is there for yet is over once the user wants all to end', async () => {
  const ending = new AbortController();
  const { desk } = unmet(ending.signal);
  const given = desk.act({ kind: 'restart', services: ['web'] }, (work) => work());
  ending.abort();
  expect(await given).toBe('given up, because all is to end');
});

test('a desk is not closed before the terminal is given back that an order has lent', async () => {
  const { desk, close } = unmet(new AbortController().signal);
  const back = withResolvers<never>();
  const lend: Lend = () => back.promise;
  const given = desk.act({ kind: 'edit', text: '' }, lend).catch(() => 'back');
  const order: string[] = [];
  const closed = close().then(() => order.push('closed'));
  await new Promise(setImmediate);
  order.push('given back');
  back.reject(new Error('the editor failed'));
  await Promise.all([given, closed]);
  expect(order).toEqual(['given back', 'closed']);
});
