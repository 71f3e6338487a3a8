import { expect, test } from 'vitest';
import { changesSince } from '../../../src/docker/build/inputs/compare.ts';
import type { BuildInputs, BuildRecord } from '../../../src/docker/build/inputs/records.ts';
import { unsteady } from '../../../src/docker/build/inputs/tree.ts';

const inputs: BuildInputs = {
  settings: { Dockerfile: 'd', 'args.A': '1', platform: 'p' },
  contexts: { '': { src: 'folder', 'src/a.js': '1' }, lib: { b: '1' } },
  images: { node: 'sha256:1' },
};
const record: BuildRecord = { ...inputs, given: [] };
const changes = (now: Partial<BuildInputs>, was: Partial<BuildRecord> = {}) =>
  changesSince({ ...record, ...was }, { ...inputs, ...now }).map(({ what, how }) => `${what} ${how}`);

test('what differs is told by the names that users know', () => {
  expect(changes({})).toEqual([]);
  expect(changes({ settings: { Dockerfile: 'e', 'args.B': '1', platform: 'p' } })).toEqual([
    'Dockerfile changed',
    'args.A removed',
    'args.B added',
  ]);
  expect(changes({ contexts: { '': { new: 'folder', 'new/a.js': '1' }, lib: { b: '2' } } })).toEqual([
    'new/a.js added',
    'src/a.js removed',
    'lib:b changed',
  ]);
  expect(changes({ images: { node: 'sha256:2' } })).toEqual(['image node changed']);
});

test('what only one side knows of images and platforms says nothing', () => {
  expect(changes({ images: {}, settings: { Dockerfile: 'd', 'args.A': '1' } })).toEqual([]);
  expect(changes({ images: { node: 'sha256:1', other: 'sha256:2' } })).toEqual([]);
});

test('arguments that the words of a command gave are not held against the file; what was unsteady is changed', () => {
  expect(changes({ settings: { ...inputs.settings, 'args.A': '2' } }, { given: ['args.A'] })).toEqual([]);
  const contexts = { '': { src: 'folder', 'src/a.js': unsteady }, lib: { b: '1' } };
  expect(changes({ contexts }, { contexts })).toEqual(['src/a.js changed']);
});
