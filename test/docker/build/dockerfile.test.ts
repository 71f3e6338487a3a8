import { expect, test } from 'vitest';
import {
  copiedFromContext,
  imagesOf,
  namedBeforeRun,
  readDockerfile,
  stagesFor,
} from '../../../src/docker/build/inputs/dockerfile.ts';

const images = (text: string, args = {}, target?: string, named: readonly string[] = []) =>
  imagesOf(readDockerfile(text, args), target, new Set(named));

test.each([
  ['FROM busybox', {}, ['busybox']],
  ['from --platform=$BUILDPLATFORM busybox as base\nFROM base\nFROM BASE', {}, ['busybox']],
  ['ARG TAG=1\nFROM node:$TAG', {}, ['node:1']],
  ['ARG TAG=1\nFROM node:${TAG}-slim', { TAG: '2' }, ['node:2-slim']],
  ['ARG TAG\nFROM node:${TAG:-3}', {}, ['node:3']],
  ['ARG A=1\nARG B="$A.2"\nFROM node:$B', {}, ['node:1.2']],
  ['FROM node:$UNKNOWN\nCOPY --from=tool:1 /x /x', {}, ['tool:1']],
  ['FROM scratch\nCOPY --from=mine / /\nFROM scratch\nCOPY --from=0 /x /x', {}, []],
  ['FROM a\nRUN --mount=type=bind,from=b,target=/x true\nFROM a\nCOPY --from=0 /x /x', {}, ['a', 'b']],
  ['# escape=`\nFROM `\n  a', {}, ['a']],
  [
    'ARG constructor\nFROM --constructor=1 a\nFROM $constructor\nCOPY --constructor=1 --from=0 / /',
    {},
    ['a'],
  ],
  ['FROM a\nRUN <<EOF\nFROM b\nEOF\nFROM c', {}, ['c']],
])('the images of %j with %j', (text, args, expected) => {
  expect(images(text, args, undefined, ['mine'])).toEqual(expected);
});

test('only the stages that a target needs count', () => {
  const text = 'FROM a AS one\nFROM b AS two\nCOPY --from=one / /\nFROM c AS three\n';
  expect(images(text, {}, 'two')).toEqual(['a', 'b']);
  expect(images(text)).toEqual(['c']);
  expect(stagesFor(readDockerfile(text), 'nowhere')).toHaveLength(3);
});

test('sources are those of the context, with lines, over several lines and in both forms', () => {
  const text = [
    'FROM a',
    'COPY --chown=1:1 package.json \\',
    '  # a remark',
    '  package-lock.json ./',
    'COPY ["./my file", "/x/"]',
    'COPY --from=b /y /y',
    'ADD https://example.com/z /z',
    'COPY <<EOF /w',
    'COPY not this',
    'EOF',
    'COPY . .',
  ].join('\n');
  const [stage] = readDockerfile(text).stages;
  const copied = stage === undefined ? [] : copiedFromContext(stage);
  expect(copied.map(({ instruction, sources }) => [instruction.line, ...sources])).toEqual([
    [2, 'package.json', 'package-lock.json'],
    [5, 'my file'],
    [11, '.'],
  ]);
});

test('what is copied by name before a RUN', () => {
  const text = 'FROM a\nCOPY . /all\nCOPY go.mod ./sub/ $X ./\nRUN make\nCOPY late ./\n';
  expect(namedBeforeRun(readDockerfile(text))).toEqual(['go.mod', 'sub']);
});
