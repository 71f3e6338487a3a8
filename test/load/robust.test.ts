import { expect, test } from 'vitest';
import { loadText, problemsIn } from './folder.ts';

// Whatever is in a file, the user gets problems with places, never a crash.

test('every attribute with every kind of value', async () => {
  const attributes = [
    'ports',
    'volumes',
    'build',
    'depends_on',
    'networks',
    'healthcheck',
    'environment',
    'env_file',
  ];
  const more = [
    'command',
    'logging',
    'extra_hosts',
    'tmpfs',
    'labels',
    'shm_size',
    'init',
    'user',
    'dns',
    'expose',
  ];
  const inner = [
    '',
    '5',
    'x',
    '[]',
    '{}',
    '[~]',
    '[5]',
    '[[]]',
    '[{}]',
    '{a: }',
    '{a: []}',
    '{a: {}}',
    '{context: 5}',
    '{test: {}}',
  ];
  for (const attribute of [...attributes, ...more]) {
    for (const value of inner) {
      const problems = await problemsIn(
        loadText(`services:\n  a:\n    image: i\n    ${attribute}: ${value}\n`),
      );
      const places = problems.map(({ location }) => `${location?.line}:${location?.column}`);
      expect([attribute, value, new Set(places).size]).toEqual([attribute, value, places.length]);
      expect(problems.map(({ code }) => code)).not.toContain('internal');
    }
  }
});
