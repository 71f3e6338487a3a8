import { expect, test } from 'vitest';
import { formatKept, formatKeptJson } from '../../src/report/trash.ts';
import { keptVolume } from '../helpers/keeping.ts';

test('what is kept is listed by its id, and nothing that a stack has named gives a terminal orders', () => {
  const was = 'anonymous, /a\u009b31m\u202Eb of shop-web-1';
  const kept = [keptVolume('data', { holder: 'stack-trash-a1-2', was })];
  const [table, json] = [formatKept(kept, 1_000_000, 604_800), formatKeptJson(kept, 604_800)];
  expect(table.split('\n')[1]).toMatch(/^a1-2 .* shop .* 7 days$/);
  expect(`${table}${json}`).not.toMatch(/[\u0080-\u009f\u202e]/);
  expect(JSON.parse(json)).toMatchObject({ volume: 'data', was });
});
