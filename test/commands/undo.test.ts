import { expect, test } from 'vitest';
import { undo } from '../../src/commands/undo.ts';
import type { KeptVolume } from '../../src/model/observed.ts';
import { problemsOf } from '../../src/model/problem.ts';
import type { Runtime, Surroundings } from '../../src/model/runtime.ts';
import { keptVolume } from '../helpers/keeping.ts';

const kept: KeptVolume[] = [
  keptVolume('shop_data', { id: 'aa', holder: 'stack-trash-aa-1' }),
  keptVolume('blog_data', { id: 'aa', holder: 'stack-trash-aa-2', project: 'blog' }),
];

/** What would be done, a line a step. */
async function planned(id?: string): Promise<string> {
  let text = '';
  const runtime: Partial<Runtime> = {
    weighVolumes: async () => ({ volumes: [], trash: { kept, unfinished: [] } }),
    observe: async () => ({ containers: [], networks: [], volumes: [], images: {} }),
  };
  const surroundings: Partial<Surroundings> = {
    runtime: runtime as Runtime,
    emit: () => {},
    exclusively: (_, __, work) => work(false),
    rehearse: (plan) => {
      text += plan;
    },
    signal: new AbortController().signal,
  };
  const load = {
    directory: '/',
    files: [],
    profiles: [],
    services: [],
    environment: {},
    projectName: 'shop',
  };
  const words = { age: String, size: String };
  await undo({ load, ...(id !== undefined && { id }), words }, surroundings as Surroundings);
  return text;
}

test('what one command removed of several projects comes back of the one that is asked in, and of all by its id', async () => {
  const own = await planned();
  expect([own.includes('shop_data'), own.includes('blog_data')]).toEqual([true, false]);
  const all = await planned('aa');
  expect([all.includes('shop_data'), all.includes('blog_data')]).toEqual([true, true]);
});

test('of anonymous volumes alone it is said how they are named', async () => {
  kept.push(
    keptVolume('ab'.repeat(32), { id: 'bb', holder: 'stack-trash-bb-1', was: '/cache of shop-web-1' }),
  );
  const problem = planned('bb').catch((error: unknown) => problemsOf(error)[0]);
  expect(await problem).toMatchObject({
    code: 'nothing-kept',
    message: 'what is kept are anonymous volumes, which no container would find: bb-1 (/cache of shop-web-1)',
    hint: 'say which one, and under which name: stack undo bb-1 --as NAME',
  });
});
