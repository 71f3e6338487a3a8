import { afterEach, expect, test, vi } from 'vitest';
import { ui } from '../../src/commands/ui.ts';
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
  const load = {
    directory: '/',
    files: [],
    profiles: [],
    services: [],
    environment: {},
    defaultPlatform: true,
  };
  const project = { name: 'coins', directory: '/', services: ['web'], loaded: undefined };
  const container = {
    service: 'web',
    number: 1,
    name: 'coins-web-1',
    image: 'web',
    labels: {},
    oneOff: false,
  };
  const running = { load, project, containers: [container], warnings: [] };
  await ui(running as unknown as Parameters<typeof ui>[0], { tail: 10 }, surroundings);
  expect(asked.until).toBeDefined();
  expect(asked.since).toBe(asked.until);
});

async function* nothing() {
  yield* [];
}
