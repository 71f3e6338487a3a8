import { expect, test } from 'vitest';
import { trashAmong } from '../../src/docker/trash.ts';
import { label } from '../../src/model/labels.ts';
import { keptVolume, weighed } from '../helpers/keeping.ts';

const own = { [label.trash]: 'shop' };
const keptIn = (holder: string) => keptVolume('data', { holder });
const receiptFor = (holder: string) => ({ ...own, [label.kept]: JSON.stringify(keptIn(holder)) });

test('what has a receipt is kept; a holder without one, or a receipt of nothing, is unfinished', () => {
  const { kept, unfinished } = trashAmong([
    weighed('shop_data', { labels: { [label.project]: 'shop' } }),
    weighed('stack-trash-a1-1', { labels: own }),
    weighed('stack-trash-a1-1-whole', { labels: receiptFor('stack-trash-a1-1') }),
    weighed('stack-trash-a1-2', { labels: own, created: 7 }),
    weighed('stack-trash-a1-3-whole', { labels: receiptFor('stack-trash-a1-3') }),
    weighed('stack-trash-a1-4-whole', { labels: { ...own, [label.kept]: '{' } }),
  ]);
  expect(kept).toEqual([keptIn('stack-trash-a1-1')]);
  expect(unfinished.map(({ holder, created }) => [holder, created])).toEqual([
    ['stack-trash-a1-2', 7],
    ['stack-trash-a1-3-whole', 999_000],
    ['stack-trash-a1-4-whole', 999_000],
  ]);
});

test('labels by which a stack gives volumes of others out as kept make nothing of them: nobody forgets those', () => {
  const { kept, unfinished } = trashAmong([
    weighed('victim_data'),
    weighed('victim_data-whole', { labels: receiptFor('victim_data') }),
    weighed('stack-trash-a1-1-whole', { labels: receiptFor('victim_data') }),
    weighed('shop_data', { labels: own }),
  ]);
  expect(kept).toEqual([]);
  expect(unfinished.map(({ holder }) => holder)).toEqual(['stack-trash-a1-1-whole']);
});

test('nothing is believed of volumes that a stack has made, or of receipts that ours never are', () => {
  const holder = 'stack-trash-a1-1';
  const receiptWith = (changed: object) => ({
    ...own,
    [label.kept]: JSON.stringify({ ...keptIn(holder), ...changed }),
  });
  const made = { [label.project]: 'shop', [label.volume]: 'data' };
  const among = (labels: Record<string, string>, ofHolder: Record<string, string> = own) =>
    trashAmong([weighed(holder, { labels: ofHolder }), weighed(`${holder}-whole`, { labels })]).kept.length;
  expect(among(receiptWith({}))).toBe(1);
  expect(among({ ...receiptWith({}), ...made })).toBe(0);
  expect(among(receiptWith({}), { ...own, ...made })).toBe(0);
  for (const changed of [
    { options: { type: 'none', o: 'bind', device: '/etc' } },
    { at: undefined },
    { at: 'now' },
    { size: '1' },
    { labels: null },
    { labels: { a: 1 } },
    { name: 1 },
    { project: undefined },
  ])
    expect([changed, among(receiptWith(changed))]).toEqual([changed, 0]);
});
