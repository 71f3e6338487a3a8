import { expect, test } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { folder, request, shortly } from '../load/folder.ts';

test('nothing is told of a stack that has all it needs', async () => {
  const directory = folder({
    'stack.yaml': 'services:\n  web:\n    build: app\n    volumes: ["./created:/x"]\n',
    'app/Dockerfile': 'FROM scratch\n',
  });
  expect(await check(request(directory))).toEqual([]);
});

test('what is missing on the disk is told in the order of the file, of services that are off as well', async () => {
  const directory = folder({
    'stack.yaml': `services:
  web:
    build: nowhere
    volumes:
      - {type: bind, source: ./none, target: /x, bind: {create_host_path: false}}
    secrets: [s]
  other:
    build: {context: app, dockerfile: app/Dockerfile}
    env_file: none.env
    profiles: [debug]
  remote:
    build: https://example.com/x.git
secrets:
  s: {file: ./none.txt}
`,
    'app/Dockerfile': 'FROM scratch\n',
  });
  const problems = await check(request(directory));
  expect(shortly(problems)).toEqual([
    '3:12 missing-build-file services.web.build.context',
    '5:30 bind-source-missing services.web.volumes[0].source',
    '8:39 missing-build-file services.other.build.dockerfile',
    '9:15 missing-env-file services.other.env_file[0].path',
    '14:13 missing-file secrets.s.file',
  ]);
  expect(problems[2]?.hint).toBe('its path is relative to the build context, not to the stack file');
  expect(problems[0]?.sourceLine).toBe('    build: nowhere');
});

test('services of profiles that exclude each other may share a container name', async () => {
  const directory = folder({
    'stack.yaml':
      'services:\n  a: {image: x, container_name: n1, profiles: [p]}\n  b: {image: x, container_name: n1, profiles: [q]}\n',
  });
  expect(await check(request(directory))).toEqual([]);
  expect(shortly(await check(request(directory, { profiles: ['p', 'q'] })))).toEqual([
    '3:33 conflicting-keys services.b.container_name',
  ]);
});

test('what is wrong with the file is told once', async () => {
  const directory = folder({ 'stack.yaml': 'version: "3"\nservices:\n  a: {image: x, imag: y}\n' });
  expect(shortly(await check(request(directory)))).toEqual([
    '1:1 obsolete-key version',
    '3:17 unknown-key services.a.imag',
  ]);
});
