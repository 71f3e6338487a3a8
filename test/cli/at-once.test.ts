import { expect, test } from 'vitest';
import { answerAtOnce } from '../../src/cli/at-once.ts';
import { readInvocation } from '../../src/cli/invocation.ts';
import { composeVersion, version } from '../../src/cli/version.ts';

const answer = (words: readonly string[], calledAs = '/usr/bin/stack', environment = {}) =>
  answerAtOnce(readInvocation(calledAs, words, environment));

const plugin = '/root/.docker/cli-plugins/docker-compose';
const byDocker = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };

test.each<readonly [words: readonly string[], answer: string]>([
  [['version'], `stack ${version}\n`],
  [['version', '--short'], `${version}\n`],
  [['--version'], `${version}\n`],
  [['-v'], `${version}\n`],
  [['compose', 'version'], `Docker Compose version ${composeVersion}\n`],
  [['compose', 'version', '--short'], `${composeVersion.slice(1)}\n`],
  [['compose', '--version'], `Docker Compose version ${composeVersion}\n`],
])('%j is answered without the program', (words, told) => {
  expect(answer(words)).toBe(told);
});

test.each([
  [[]],
  [['up']],
  [['--help']],
  [['version', '--format', 'json']],
  [['version', '--json']],
  [['version', 'web']],
  [['-v', 'up']],
  [['-f', 'version', 'up']],
])('%j is left to the program', (words) => {
  expect(answer(words)).toBeUndefined();
});

test('the docker CLI is told at once who this is, and of which version', () => {
  const told = answer(['docker-cli-plugin-metadata'], plugin, byDocker) ?? '';
  expect(JSON.parse(told)).toMatchObject({ SchemaVersion: '0.1.0', Version: composeVersion });
  expect(answer(['compose', 'version'], plugin, byDocker)).toBe(`Docker Compose version ${composeVersion}\n`);
});
