import { expect, test } from 'vitest';
import { compareEnvironments } from '../../src/commands/diff.ts';
import { formatComparison } from '../../src/report/comparison.ts';
import { folder, request } from '../load/folder.ts';

const files = {
  'stack.yaml': [
    'services:',
    '  web:',
    '    image: nginx:${TAG:-1}',
    '    environment: {URL: "http://x:${PASSWORD}@h", SAME: "${SAME}"}',
    '    ports: ["${PORT}:80"]',
    '  extra:',
    '    image: busybox',
    '    profiles: [extra]',
    '',
  ].join('\n'),
  'a.env': 'PORT=8000\nPASSWORD=first-1\nSAME=x\n',
  'b.env': 'PORT=8000\nPASSWORD=second-2\nSAME=x\nTAG=2\nCOMPOSE_PROFILES=extra\n',
};

async function told(masked: boolean): Promise<string> {
  const directory = folder(files);
  const { differences } = await compareEnvironments(request(directory), [['a.env'], ['b.env']], masked);
  return formatComparison(differences, { colour: false, directory, names: ['a.env', 'b.env'] });
}

test('what differs is told by path, with both values and what makes them so', async () => {
  expect(await told(true)).toBe(
    [
      '--- a.env',
      '+++ b.env',
      'services.web.environment.URL',
      '  - "http://x:********@h"  stack.yaml:4:24, with PASSWORD of a.env:2:1',
      '  + "http://x:********@h"  stack.yaml:4:24, with PASSWORD of b.env:2:1',
      'services.web.image',
      '  - "nginx:1"  stack.yaml:3:12, with TAG that is not set',
      '  + "nginx:2"  stack.yaml:3:12, with TAG of b.env:4:1',
      'services.extra',
      '  + {"profiles":["extra"],"command":null,"entrypoint":null,"image":"busybox","networks":{"default":null}}',
      '',
    ].join('\n'),
  );
  expect(await told(false)).toContain('"http://x:second-2@h"');
});

test('an environment does not differ from itself', async () => {
  const directory = folder(files);
  const { differences } = await compareEnvironments(request(directory), [['a.env'], ['a.env']], true);
  expect(differences).toEqual([]);
});
