import { expect, test } from 'vitest';
import { readSettings, type Said, speaksUnicode } from '../../src/cli/settings.ts';

type Variables = Parameters<typeof readSettings>[1];

const infinity = Number.POSITIVE_INFINITY;

test.each<[Said, Variables, object]>([
  [{}, {}, { ansi: 'auto', progress: 'auto', parallel: infinity }],
  [{ ansi: 'always' }, {}, { ansi: 'always' }],
  [{ ansi: 'always' }, { NO_COLOR: '1' }, { ansi: 'never', draws: true }],
  [{ ansi: 'never' }, { NO_COLOR: '1' }, { ansi: 'never', draws: false }],
  [{ ansi: 'always' }, { NO_COLOR: '' }, { ansi: 'always' }],
  [{ ansi: false }, { COMPOSE_ANSI: 'always' }, { ansi: 'never' }],
  [{}, { COMPOSE_ANSI: 'never' }, { ansi: 'never', draws: false }],
  [{}, { COMPOSE_ANSI: 'sometimes' }, { ansi: 'auto' }],
  [{}, { COMPOSE_PROGRESS: 'json' }, { progress: 'json' }],
  [{ progress: 'quiet' }, { COMPOSE_PROGRESS: 'json' }, { progress: 'quiet' }],
  [{ ui: 'full' }, {}, { ui: 'full', progress: 'auto', json: false }],
  [{ ui: 'full' }, { COMPOSE_PROGRESS: 'plain' }, { ui: 'full', progress: 'auto' }],
  [{ ui: 'inline', progress: 'tty' }, {}, { ui: 'inline', progress: 'tty' }],
  [{ ui: 'plain' }, {}, { progress: 'plain' }],
  [{ ui: 'plain', progress: 'quiet' }, {}, { progress: 'quiet' }],
  [{ ui: 'json' }, {}, { json: true }],
  [{ ui: 'json', json: true }, {}, { json: true }],
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
  [{ ui: 'big' }, {}, 'there is no `--ui big`'],
  [{ ui: 'full', json: true }, {}, '--json and --ui full are incompatible'],
  [{ ui: 'inline', progress: 'plain' }, {}, '--progress plain and --ui inline are incompatible'],
  [{ ui: 'json', progress: 'json' }, {}, '--progress json and --ui json are incompatible'],
  [{ ui: 'full', ansi: 'never' }, {}, '--ansi never and --ui full are incompatible'],
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

test.each([
  [{}, 'linux', true],
  [{}, 'win32', false],
  [{ LANG: 'en_GB.UTF-8' }, 'win32', true],
  [{ LANG: 'C' }, 'linux', false],
  [{ LANG: 'C.UTF-8', LC_ALL: 'POSIX' }, 'linux', false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, 'linux', true],
] as const)('%j on %s can show more than ASCII: %s', (variables, platform, can) => {
  expect(speaksUnicode(variables, platform)).toBe(can);
});
