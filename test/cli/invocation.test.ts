import { expect, test } from 'vitest';
import { readInvocation } from '../../src/cli/invocation.ts';

const plugin = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };

test.each([
  ['/usr/bin/stack', ['up', '-d'], {}, false, ['up', '-d']],
  ['/usr/bin/stack', ['compose', 'up'], {}, true, ['up']],
  ['/usr/bin/stack', ['-p', 'compose', 'up'], {}, false, ['-p', 'compose', 'up']],
  // A variable of the CLI says nothing to a program that is no plugin, e.g. one that a provider runs.
  ['/usr/bin/stack', ['up'], plugin, false, ['up']],
  ['/usr/bin/docker-compose', ['-f', 'a.yaml', 'up'], {}, true, ['-f', 'a.yaml', 'up']],
  ['/usr/bin/docker-compose', ['compose', 'up'], {}, true, ['compose', 'up']],
  ['C:\\bin\\docker-compose.js', ['ps'], {}, true, ['ps']],
  ['/home/docker-compose/stack', ['ps'], {}, false, ['ps']],
  ['/p/docker-compose', ['compose', 'up'], plugin, true, ['up']],
  ['/p/docker-compose', ['compose', 'exec', 'web', 'compose'], plugin, true, ['exec', 'web', 'compose']],
  [
    '/p/docker-compose',
    ['--config', 'compose', '-H', 'tcp://x', '--tlsverify', 'compose', '-f', 'a', 'ps'],
    plugin,
    true,
    ['--config', 'compose', '-H', 'tcp://x', '--tlsverify', '-f', 'a', 'ps'],
  ],
  ['/p/docker-compose', ['--context=x', 'compose', 'ps'], plugin, true, ['--context=x', 'ps']],
  ['/p/docker-compose', ['help', 'compose', 'up'], plugin, true, ['help', 'up']],
  ['/p/docker-compose', ['__complete', 'compose', 'up', ''], plugin, true, ['__complete', 'up', '']],
  ['/p/docker-compose', ['compose'], plugin, true, []],
])('%s %j', (calledAs, words, environment, asCompose, understood) => {
  expect(readInvocation(calledAs, words, environment)).toMatchObject({ asCompose, words: understood });
});

test('the docker CLI asks who this is, of a plugin only', () => {
  const asks = ['docker-cli-plugin-metadata'];
  expect(readInvocation('/p/docker-compose', asks, {}).asksWhoThisIs).toBe(true);
  expect(readInvocation('/p/stack', asks, {}).asksWhoThisIs).toBeUndefined();
});

test.each([
  ['/usr/bin/stack', ['up'], {}, 'stack'],
  ['/usr/bin/stack', ['compose', 'up'], {}, 'stack compose'],
  ['/usr/bin/docker-compose', ['up'], {}, 'docker-compose'],
  ['/p/docker-compose', ['compose', 'up'], plugin, 'docker compose'],
])('%s %j is called by its name in hints', (file, words, environment, calledAs) => {
  expect(readInvocation(file, words, environment).calledAs).toBe(calledAs);
});
