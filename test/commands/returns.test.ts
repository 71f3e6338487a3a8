import { expect, test } from 'vitest';
import { createReturns } from '../../src/commands/returns.ts';
import type { Loaded } from '../../src/load/load.ts';
import type { EventBody } from '../../src/model/event.ts';
import { failure } from '../../src/model/problem.ts';
import { withResolvers } from '../../src/model/resolvers.ts';
import type { Runtime, Surroundings } from '../../src/model/runtime.ts';
import { runningState, stackOf } from '../helpers/stack.ts';

test('that a look fails is told, and the next one brings back what there is', async () => {
  const stack = stackOf({ web: { 'x-stack': { sync_back: [{ path: '/app/gen', target: './gen' }] } } });
  const over = new AbortController();
  const ended = new Promise((resolve) => over.signal.addEventListener('abort', resolve));
  let looks = 0;
  const runtime: Partial<Runtime> = {
    async *follow() {
      yield { type: 'logs-written', service: 'web' } as never;
      await ended;
    },
    async *readEvents() {
      yield { action: 'start', service: 'web' } as never;
      await ended;
    },
    async observeContainers() {
      looks += 1;
      if (looks === 1) throw failure({ code: 'sync-failed', message: 'it is away', hint: 'wait' });
      return runningState(stack).containers;
    },
    bringBack: async ({ target }) => [{ file: target, outcome: 'written' }],
  };
  const told: EventBody[] = [];
  const came = withResolvers<void>();
  const emit = (event: EventBody): void => {
    told.push(event);
    if (event.type === 'files-returned') came.resolve();
  };
  const returns = createReturns({ runtime, emit } as Surroundings, over.signal);
  returns.turnTo({ stack } as Loaded);
  await came.promise;
  over.abort();
  await returns.finish();
  expect(told).toMatchObject([
    { type: 'problem-found', problem: { message: 'it is away', severity: 'warning' } },
    { type: 'files-returned', service: 'web', files: ['/shop/gen'] },
  ]);
});
