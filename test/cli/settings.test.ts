import { expect, test } from 'vitest';
import { readSettings, type Said } from '../../src/cli/settings.ts';

type Variables = Parameters<typeof readSettings>[1];

const infinity = Number.POSITIVE_INFINITY;

test.each<[Said, Variables, object]>([
  [{}, {}, { ansi: 'auto', progress: 'auto', parallel: infinity }],
  [{ ansi: 'always' }, {}, { ansi: 'always' }],
  [{ ansi: 'always' }, { NO_COLOR: '1' }, { ansi: 'never' }],
  [{ ansi: 'always' }, { NO_COLOR: '' }, { ansi: 'always' }],
  [{ ansi: false }, { COMPOSE_ANSI: 'always' }, { ansi: 'never' }],
  [{}, { COMPOSE_ANSI: 'never' }, { ansi: 'never' }],
  [{}, { COMPOSE_ANSI: 'sometimes' }, { ansi: 'auto' }],
  [{}, { COMPOSE_PROGRESS: 'json' }, { progress: 'json' }],
  [{ progress: 'quiet' }, { COMPOSE_PROGRESS: 'json' }, { progress: 'quiet' }],
  [{ parallel: '3' }, { COMPOSE_PARALLEL_LIMIT: 'x' }, { parallel: 3 }],
  [{}, { COMPOSE_PARALLEL_LIMIT: '2' }, { parallel: 2 }],
  [{ parallel: '-1' }, { COMPOSE_PARALLEL_LIMIT: '2' }, { parallel: infinity }],
])('%j with %j', (said, variables, settings) => {
  expect(readSettings(said, variables, variables)).toMatchObject(settings);
});

test.each<[Said, Variables, string]>([
  [{ ansi: 'sometimes' }, {}, 'there is no `--ansi sometimes`'],
  [{ progress: 'loud' }, {}, 'unsupported --progress value "loud"'],
  [{}, { COMPOSE_PROGRESS: 'loud' }, 'unsupported --progress value "loud"'],
  [{ progress: 'tty', ansi: 'never' }, {}, "can't use --progress tty while ANSI support is disabled"],
  [{ progress: 'plain', ansi: 'always' }, {}, "can't use --progress plain while ANSI support is forced"],
  [{ parallel: 'x' }, {}, '--parallel has to be a whole number: x'],
  [{ parallel: '' }, {}, '--parallel has to be a whole number: '],
  [{}, { COMPOSE_PARALLEL_LIMIT: '1.5' }, 'COMPOSE_PARALLEL_LIMIT has to be a whole number: 1.5'],
  [{ host: 'tcp://a', context: 'b' }, {}, '--host and --context name two engines'],
  [{ tlscacert: 'ca.pem' }, {}, '--tlscacert encrypts nothing by itself'],
])('%j with %j is refused', (said, variables, message) => {
  expect(() => readSettings(said, variables, variables)).toThrow(message);
});

test('options of the docker CLI say where the engine is, and where its configuration', () => {
  const variables = { DOCKER_HOST: 'tcp://old', HOME: '/home/me' };
  const engineOf = (said: Said) => readSettings(said, variables, variables).engine;
  expect(engineOf({})).toEqual({ variables, options: {} });
  expect(engineOf({ host: 'tcp://new', tlsverify: true, tlscacert: 'ca.pem' })).toEqual({
    variables,
    options: { host: 'tcp://new', tlsverify: true, tlscacert: 'ca.pem' },
  });
  expect(engineOf({ context: 'new', config: '/etc/docker' })).toEqual({
    variables: { ...variables, DOCKER_CONFIG: '/etc/docker' },
    options: { context: 'new' },
  });
});
