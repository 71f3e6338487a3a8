import { afterEach, expect, test, vi } from 'vitest';
import { ui } from '../../src/commands/ui.ts';
import type { EventBody } from '../../src/model/event.ts';
import type { Surroundings } from '../../src/model/runtime.ts';

afterEach(() => vi.restoreAllMocks());

test('what is written while the past is read is told as well: following begins where the past ends', async () => {
  let now = 1_700_000_000_000;
  vi.spyOn(Date, 'now').mockImplementation(() => {
    now += 1000;
    return now;
  });
  const asked: Record<string, unknown> = {};
  const never = new AbortController().signal;
  const surroundings = {
    runtime: {
      readLogs({ until }: { readonly until: string }) {
        asked.until = until;
        return nothing();
      },
      follow({ logsSince }: { readonly logsSince: number }) {
        asked.since = String(logsSince);
        return nothing();
      },
      observeContainers: async () => [],
    },
    ...{ emit: () => {}, caughtUp: async () => {}, signal: never, force: never, leave: never },
  } as unknown as Surroundings;
  await ui(running('web'), { tail: 10 }, surroundings);
  expect(asked.until).toBeDefined();
  expect(asked.since).toBe(asked.until);
});

test('what was written before is told in the order of its times, and never held as a whole', async () => {
  let held = 0;
  let most = 0;
  const told: string[] = [];
  const never = new AbortController().signal;
  /** Every third line is of db. */
  async function* past(service: string) {
    for (let number = 0; number < 3000; number += 1) {
      if ((number % 3 === 2) !== (service === 'db')) continue;
      held += 1;
      most = Math.max(most, held);
      const time = new Date(number).toISOString();
      const lines = [`${time} ${number}`];
      yield { type: 'logs-written', service, number: 1, source: `${service}-1`, stream: 'stdout', lines };
    }
  }
  const surroundings = {
    runtime: {
      readLogs: ({ services: [service = ''] }: { readonly services: readonly string[] }) => past(service),
      follow: nothing,
      observeContainers: async () => [],
    },
    emit(event: EventBody) {
      if (event.type !== 'logs-written') return;
      held -= 1;
      told.push(...event.lines);
    },
    ...{ caughtUp: async () => {}, signal: never, force: never, leave: never },
  } as unknown as Surroundings;
  await ui(running('web', 'db'), { tail: 'all' }, surroundings);
  expect(told).toEqual(Array.from({ length: 3000 }, (_, number) => String(number)));
  expect(most).toBeLessThan(10);
});

/** A stack of which only the containers are known. */
function running(...services: readonly string[]): Parameters<typeof ui>[0] {
  const load = {
    directory: '/',
    files: [],
    profiles: [],
    services: [],
    environment: {},
    defaultPlatform: true,
  };
  const project = { name: 'coins', directory: '/', services, loaded: undefined };
  const containers = services.map((service) => ({
    service,
    number: 1,
    name: `coins-${service}-1`,
    image: service,
    labels: {},
    oneOff: false,
  }));
  return { load, project, containers, warnings: [] } as unknown as Parameters<typeof ui>[0];
}

async function* nothing() {
  yield* [];
}
