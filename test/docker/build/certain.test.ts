import { expect, test } from 'vitest';
import { isAllSeen } from '../../../src/docker/build/inputs/certain.ts';
import type { BuildImage } from '../../../src/model/plan.ts';
import type { Build } from '../../../src/model/stack.ts';

const plain = new Set(['a', 'b']);

function isCertain(
  text: string | undefined,
  more: Partial<Build> = {},
  action: Partial<BuildImage> = {},
): boolean {
  const build = { context: '/srv/app', ...more };
  const about = { kind: 'build-image', service: 'api', image: 'shop-api', labels: {} } as const;
  const dockerfile = { name: 'Dockerfile', ...(text !== undefined && { text }) };
  return isAllSeen({ ...about, build, ...action }, { remote: false, dockerfile }, plain);
}

test.each([
  'FROM a\nCOPY . /app\nRUN make\nCMD ["app"]',
  'ARG BASE=a\nFROM $BASE AS made\nADD files.tar /x/\nFROM b\nCOPY --from=made /x /x',
  'FROM scratch\nCOPY app /',
  'FROM a\nRUN --mount=type=cache,target=/x make',
])('%j is made of what can be seen', (text) => {
  expect(isCertain(text)).toBe(true);
});

test.each([
  ['a frontend of its own', '# syntax=docker/dockerfile:1\nFROM a'],
  ['a file behind an address', 'FROM a\nADD https://example.com/x /x'],
  ['a repository', 'FROM a\nADD git@example.com:a/b.git /x'],
  ['a file whose name only the builder knows', 'ARG FILE\nFROM a\nARG FILE\nADD $FILE /x'],
  ['a base with instructions of its own', 'FROM other\nCOPY . /x'],
  ['a base whose name is not known', 'ARG BASE\nFROM $BASE'],
  ['a proxy', 'FROM a\nARG https_proxy\nRUN fetch'],
  ['a here-document', 'FROM a\nCOPY <<END /x\nx\nEND'],
])('%s makes it uncertain', (_, text) => {
  expect(isCertain(text)).toBe(false);
});

test.each<[string, Partial<Build>]>([
  ['cache_from', { cache_from: ['x'] }],
  ['no_cache', { no_cache: true }],
  ['pull', { pull: true }],
  ['secrets', { secrets: [{ source: 'token' }] }],
  ['ssh', { ssh: { default: '' } }],
  ['tags', { tags: ['x'] }],
  ['a context behind an address', { additional_contexts: { x: 'https://example.com/x.git' } }],
  ['another frontend', { args: { BUILDKIT_SYNTAX: 'x/y' } }],
])('%s makes it uncertain, too', (_, build) => {
  expect(isCertain('FROM a', build)).toBe(false);
});

test('what is not seen at all, or uses another build, is uncertain', () => {
  expect(isCertain(undefined)).toBe(false);
  expect(isCertain('FROM a', {}, { bases: { base: 'shop-base' } })).toBe(false);
  expect(isCertain('FROM a', { no_cache: false, pull: false })).toBe(true);
});
