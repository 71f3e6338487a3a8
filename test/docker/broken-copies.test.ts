import { expect, test } from 'vitest';
import { brokenCopiesAmong } from '../../src/docker/copy-volume.ts';
import { label } from '../../src/model/labels.ts';

const mark = JSON.stringify({ from: 'a', to: 'b', paused: ['c'] });
const helper = 'stack-copy-0123456789ab';
const container = (name: string, text = mark, more: Record<string, string> = {}) => ({
  name,
  labels: { [label.oneOff]: 'True', [label.copying]: text, ...more },
});

test('only what is both called and labelled like a part of a copy is taken for one', () => {
  const found = brokenCopiesAmong([
    container(`${helper}-from`),
    container(`${helper}-to`),
    container('stack-trash-3f9a2c-1-copy-from'),
    container('shop-db-1'),
    container('stack-trash-3f9a2c-2-copy-from', '{'),
    container('stack-trash-3f9a2c-3-copy-from', '{"from":"a","to":"b","paused":"c"}'),
    { name: 'stack-copy-0123456789ac-from', labels: {} },
  ]);
  const copy = { from: 'a', to: 'b', paused: ['c'] };
  expect(found).toEqual([
    { helper, ...copy },
    { helper: 'stack-trash-3f9a2c-1-copy', ...copy },
  ]);
});

test('what a stack file can write is taken for no copy, and no name leads elsewhere on the engine', () => {
  const other = `${helper}-from`;
  const marked = (changed: object) => JSON.stringify({ from: 'a', to: 'b', paused: ['c'], ...changed });
  const found = brokenCopiesAmong([
    container(other, mark, { [label.service]: 'web' }),
    container(other, mark, { [label.oneOff]: 'False' }),
    ...[
      { paused: ['prune?x='] },
      { paused: ['c', 1] },
      { from: '../x' },
      { to: 'b?force=1' },
      { to: '' },
    ].map((changed) => container(other, marked(changed))),
  ]);
  expect(found).toEqual([]);
});
