import { expect, test } from 'vitest';
import { missed, type Row, regressions, rowOf, tableOf } from './table.ts';

const measured = {
  row: 'ps-50',
  told: '`ps`, 50 services',
  unit: 'ms',
  bar: 0.65,
  figures: { stack: [50, 90, 70], compose: [100, 100, 100], limit: [10, 10, 10] },
  failures: {},
  noise: 0.2,
} as const;

const row = (more: Partial<Row>): Row => ({ ...rowOf(measured, '2026-01-02'), ...more });

test('a row has medians, least figures, and the medians of the ratios of each round', () => {
  expect(rowOf(measured, '2026-01-02')).toMatchObject({
    rounds: 3,
    stack: { median: 70, min: 50 },
    toCompose: 0.7,
    toLimit: 7,
    measured: '2026-01-02',
  });
  const drifting = { stack: [50, 500, 60], compose: [100, 1000, 100] };
  expect(rowOf({ ...measured, figures: drifting }, '').toCompose).toBe(0.5);
});

test('who failed has no figures, and that is shown', () => {
  const failed = rowOf({ ...measured, figures: { stack: [1] }, failures: { compose: 'no' } }, '');
  expect(failed.toCompose).toBeUndefined();
  expect(tableOf([failed])).toContain('| failed |');
});

test('what misses its bar is found, and is bold', () => {
  expect(missed([row({}), row({ row: 'fine', toCompose: 0.6 })]).map((one) => one.row)).toEqual(['ps-50']);
  expect(tableOf([row({})])).toContain('| **0.70** | 0.65 |');
  const heavy = row({ unit: 'MB', toCompose: 0.5, most: 60 });
  expect(missed([heavy])).toHaveLength(1);
  expect(tableOf([heavy])).toContain('**> 60 MB**');
});

test('a regression is more than a tenth of what is kept', () => {
  const kept = [row({ toCompose: 0.5 })];
  expect(regressions([row({ toCompose: 0.55 })], kept)).toEqual([]);
  expect(regressions([row({ toCompose: 0.56 })], kept)).toEqual(['ps-50: 0.50 → 0.56, 12 % more']);
  expect(regressions([row({ row: 'new' })], kept)).toEqual([]);
});
