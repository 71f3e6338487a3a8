import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, problemsIn, request } from './folder.ts';

test('the stack file wins over env files, later ones over earlier ones', async () => {
  const directory = folder({
    'stack.yaml': [
      'services:',
      '  a:',
      '    image: a',
      '    env_file: [1.env, {path: 2.env}, {path: none.env, required: false}]',
      '    environment:',
      '      OWN: own',
      '      BARE:',
      '      SHELL_VALUE:',
    ].join('\n'),
    '1.env': 'OWN=1\nBARE=1\nONE=1\nTWO=1\n',
    '2.env': 'TWO=2\nREF=$OWN-$ONE-$SHELL_VALUE\n',
  });
  const { stack, read } = await loadStack(request(directory, { environment: { SHELL_VALUE: 's' } }));
  expect(stack.services.a?.environment).toEqual({
    ONE: '1',
    TWO: '2',
    REF: 'own-1-s',
    OWN: 'own',
    BARE: null,
    SHELL_VALUE: 's',
  });
  const place = (key: string) => stack.origins[`services.a.environment.${key}`];
  expect(place('TWO')).toEqual({ file: path.join(directory, '2.env'), line: 1, column: 1 });
  expect(place('OWN')).toEqual({ file: path.join(directory, 'stack.yaml'), line: 6, column: 12 });
  expect(read).toContain(path.join(directory, '2.env'));
});

test('files of services that are not chosen are not read', async () => {
  const directory = folder({
    'stack.yaml':
      'services: {a: {image: a}, b: {image: b, env_file: no.env}, c: {image: c, profiles: [p], env_file: no.env}}',
  });
  expect(await problemsIn(loadStack(request(directory, { services: ['a'] })))).toEqual([]);
  const problems = await problemsIn(loadStack(request(directory)));
  expect(problems.map(({ code, service }) => [code, service])).toEqual([['missing-env-file', 'b']]);
});

test('label files stand below labels and know no outer variables', async () => {
  const directory = folder({
    'stack.yaml': 'services: {a: {image: a, label_file: l, labels: {two: own}}}',
    l: 'one=1\ntwo=2\nthree=$one$OUT\n',
  });
  const { stack } = await loadStack(request(directory, { environment: { OUT: 'x' } }));
  expect(stack.services.a?.labels).toEqual({ one: '1', two: 'own', three: '1' });
});
