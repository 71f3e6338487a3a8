import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesNeeded } from '../../../src/docker/build/inputs/needed.ts';
import { isKnownPlain } from '../../../src/docker/build/inputs/plain-bases.ts';
import type { Build } from '../../../src/model/stack.ts';

let context: string;

beforeEach(() => {
  context = mkdtempSync(path.join(tmpdir(), 'needed-'));
  mkdirSync(path.join(context, 'src'));
});

afterEach(() => rmSync(context, { recursive: true }));

const files = ['README.md', 'package.json', 'package-lock.json', 'src', 'src/a.js', 'src/deep/b.js', 'srcs'];

/** Which of the files are needed, with images `a` and `b` of which nothing else is to be feared. */
function needed(text: string, build: Partial<Build> = {}): readonly string[] {
  return files.filter(filesNeeded({ context, ...build }, text, new Set(['a', 'b'])));
}

test.each([
  ['FROM a\nRUN true', []],
  ['FROM a\nCOPY package.json ./', ['package.json']],
  ['FROM a\nCOPY package*.json $DEST/', ['package.json', 'package-lock.json']],
  ['FROM a\nCOPY pack\\\nage.json ./', ['package.json']],
  ['FROM a\nCOPY ["./src/", "/x/"]', ['src', 'src/a.js', 'src/deep/b.js']],
  ['FROM a\nADD --chown=1:1 /src/deep https://example.com/x /x/', ['src', 'src/deep/b.js']],
  ['FROM a\nCOPY --exclude=*.md src /x', ['src', 'src/a.js', 'src/deep/b.js']],
  ['FROM scratch\nCOPY package.json /', ['package.json']],
  ['# syntax=docker/dockerfile:1\nFROM a\nCOPY srcs /', ['srcs']],
  ['FROM a\nRUN --mount=type=cache,target=/x --mount=from=b,target=/y true\nCOPY srcs /', ['srcs']],
])('%j needs what it copies', (text, expected) => {
  expect(needed(text)).toEqual(expected);
});

test('what a stage copies counts if the target needs the stage', () => {
  const text = [
    'FROM a AS base',
    'COPY package.json ./',
    'FROM a AS tool',
    'COPY package-lock.json ./',
    'FROM b AS docs',
    'COPY README.md ./',
    'FROM base AS made',
    'RUN --mount=type=bind,from=tool,target=/tool true',
    'FROM b AS last',
    'COPY --from=made /x /x',
    'COPY srcs ./',
  ].join('\n');
  expect(needed(text)).toEqual(['package.json', 'package-lock.json', 'srcs']);
  expect(needed(text, { target: 'base' })).toEqual(['package.json']);
  expect(needed(text, { target: 'docs' })).toEqual(['README.md']);
});

test.each([
  '',
  'no Dockerfile',
  'FROM a\nCOPY . .',
  'FROM a\nCOPY * /x/',
  'FROM a\nCOPY $WHAT /x/',
  'FROM a\nCOPY srcs ../README.md /x/',
  'FROM a\nCOPY "srcs" /x/',
  'FROM a\nCOPY [x /x/',
  'FROM a\nCOPY */a.js /x/',
  'FROM a\nCOPY --parents srcs /x/',
  'FROM a\nCOPY --from=$STAGE srcs /x/',
  'FROM a\nCOPY srcs /x\nCOPY <<EOF /y\nEOF',
  'FROM a\nRUN --mount=type=bind,target=/x true',
  'FROM a\nRUN --mount=target=/x true',
  'FROM a\nRUN --mount=Type=cache,target=/x true',
  'FROM a\nONBUILD COPY . .\nCOPY srcs /x',
  'FROM a\nINCLUDE other',
  'FROM team/base\nCOPY srcs /x',
  'FROM $BASE\nCOPY srcs /x',
  'FROM team/base AS x\nFROM a\nCOPY --from=x srcs /x',
  '# syntax=team/other\nFROM a\nCOPY srcs /x',
  '# escape=`\nFROM a\nCOPY srcs /x',
])('%j may need anything', (text) => {
  expect(needed(text)).toEqual(files);
});

test('anything may be needed, too, where something else stands for an image, and behind links', () => {
  const text = 'FROM a\nCOPY src/a.js pack*.json /x/\n';
  expect(needed(text)).toEqual(['package.json', 'package-lock.json', 'src', 'src/a.js']);
  expect(needed(text, { additional_contexts: { a: 'service:other' } })).toEqual(files);
  expect(needed(text, { args: { BUILDKIT_SYNTAX: 'team/other' } })).toEqual(files);
  expect(filesNeeded({ context }, undefined, new Set())('README.md')).toBe(true);
  symlinkSync('README.md', path.join(context, 'packing.json'));
  expect(needed(text)).toEqual(files);
  rmSync(path.join(context, 'packing.json'));
  rmSync(path.join(context, 'src'), { recursive: true });
  writeFileSync(path.join(context, 'README.md'), '');
  symlinkSync('elsewhere', path.join(context, 'src'));
  expect(needed(text)).toEqual(files);
});

test.each([
  ['node', true],
  ['docker.io/library/python:3.12-slim', true],
  ['ruby:2.1-onbuild', false],
  ['node@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', false],
  ['base', false],
  ['registry:5000/node', false],
])('that %s has no instructions for builds is known: %s', (image, expected) => {
  expect(isKnownPlain(image)).toBe(expected);
});
