import { describe, test } from 'vitest';
import { playScenario, programs } from '../helpers/as-compose.ts';

/** What is wrong with files, in the words that scripts of Docker Compose look for. None of these needs an engine. */
const wrong: readonly (readonly [intent: string, file: string, said: string])[] = [
  [
    'an unknown key',
    'services: {a: {image: b, foo: 1}}',
    "services.a additional properties 'foo' not allowed",
  ],
  ['an unknown section', 'services: {a: {image: b}}\nfoo: 1', "additional properties 'foo' not allowed"],
  ['no text', 'services: {a: {image: 1}}', 'services.a.image must be a string'],
  ['no map', 'services: {a: foo}', 'services.a must be a mapping'],
  [
    'no such word',
    'services: {a: {image: b, depends_on: {c: {condition: foo}}}, c: {image: b}}',
    "services.a.depends_on.c.condition value must be one of 'service_started', 'service_healthy', 'service_completed_successfully'",
  ],
  [
    'no image',
    'services: {a: {command: b}}',
    'service "a" has neither an image nor a build context specified',
  ],
  ['an empty file', '', 'empty compose file'],
  [
    'a key twice',
    'services:\n  a: {image: b}\n  a: {image: b}\n',
    'mapping key "a" already defined at line 2',
  ],
  ['no YAML', 'services: [a\n', 'yaml: line 1: '],
  ['a network', 'services: {a: {image: b, networks: [x]}}', 'service "a" refers to undefined network x'],
  ['a secret', 'services: {a: {image: b, secrets: [x]}}', 'service "a" refers to undefined secret x'],
  ['a config', 'services: {a: {image: b, configs: [x]}}', 'service "a" refers to undefined config x'],
  [
    'a volume',
    'services: {a: {image: b, volumes: ["data:/x"]}}',
    'service "a" refers to undefined volume data',
  ],
  ['a service', 'services: {a: {image: b, depends_on: [x]}}', 'service "a" depends on undefined service "x"'],
  [
    'a service that is off',
    'services: {a: {image: b, depends_on: [x]}, x: {image: b, profiles: [p]}}',
    'service "a" depends on undefined service "x"',
  ],
  [
    'a circle',
    'services: {a: {image: b, depends_on: [c]}, c: {image: b, depends_on: [a]}}',
    'dependency cycle detected: a -> c -> a',
  ],
  [
    'two ways into the network',
    'services: {a: {image: b, network_mode: host, networks: [default]}}',
    'service a declares mutually exclusive `network_mode` and `networks`',
  ],
  [
    'a container name twice',
    'services: {a: {image: b, container_name: name}, c: {image: b, container_name: name}}',
    'container name "name" is already in use',
  ],
  [
    'an external volume with a driver',
    'services: {a: {image: b, volumes: ["data:/x"]}}\nvolumes: {data: {external: true, driver: c}}',
    'volumes.data: conflicting parameters "external" and "driver" specified',
  ],
  [
    'a config from two places',
    'services: {a: {image: b, configs: [c]}}\nconfigs: {c: {file: x, content: y}}',
    'configs.c: file|environment|content attributes are mutually exclusive',
  ],
  [
    'two numbers of replicas',
    'services: {a: {image: b, scale: 3, deploy: {replicas: 2}}}',
    "services.a: can't set distinct values on 'scale' and 'deploy.replicas'",
  ],
  [
    'a platform that is not built',
    'services: {a: {build: {context: ., platforms: [linux/amd64]}, platform: linux/riscv64}}',
    'service.build.platforms MUST include service.platform "linux/riscv64"',
  ],
  [
    'a variable that must be set',
    'services: {a: {image: "b:${UNSET_TAG?say which}"}}',
    'error while interpolating services.a.image: required variable UNSET_TAG is missing a value: say which',
  ],
  ['no variable', 'services: {a: {image: "b:${TAG"}}', 'invalid interpolation format for services.a.image.'],
  ['an env file', 'services: {a: {image: b, env_file: [nope.env]}}', '/nope.env not found: stat '],
  ['an extended file', 'services: {a: {extends: {file: nope.yaml, service: b}}}', 'open '],
  ['an included file', 'include: [nope.yaml]', 'nope.yaml: no such file or directory'],
];

/** The docker CLI adds nothing to what is said of files. */
const direct = programs.filter(({ program }) => program !== 'docker compose');

describe.each(direct)('$program', (program) => {
  test.concurrent.each(wrong)('says what is wrong with %s', (intent, file, said) =>
    playScenario(
      { intent, file, steps: [{ words: 'config -q', code: 1, stdout: [], err: [said] }] },
      program,
    ),
  );

  test.concurrent('warns as log lines, and prints all the same', () =>
    playScenario(
      {
        intent: 'warnings',
        engine: false,
        file: 'version: "3"\nservices: {a: {image: "b${UNSET_A}", command: ["${UNSET_B}"]}}\n',
        steps: [
          {
            words: 'config --images',
            stdout: ['b'],
            err: [
              'level=warning msg="The \\"UNSET_A\\" variable is not set. Defaulting to a blank string."',
              'level=warning msg="The \\"UNSET_B\\" variable is not set. Defaulting to a blank string."',
              'compose.yaml: the attribute `version` is obsolete, it will be ignored',
            ],
          },
        ],
      },
      program,
    ));

  test.concurrent('refuses words that contradict each other', () =>
    playScenario(
      {
        intent: 'options',
        engine: false,
        file: { services: { a: { image: 'alpine' } } },
        files: { 'other.yaml': 'services: {}\n' },
        steps: [
          { words: 'up --build --no-build', code: 1, err: ['--build and --no-build are incompatible'] },
          {
            words: 'up --force-recreate --no-recreate',
            code: 1,
            err: ['--force-recreate and --no-recreate are incompatible'],
          },
          { words: 'up -d --abort-on-container-exit', code: 1, err: ['--detach cannot be combined with'] },
          {
            words: 'up --remove-orphans',
            code: 1,
            environment: { COMPOSE_IGNORE_ORPHANS: 'true' },
            err: ['cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans'],
          },
          { words: 'up --pull foo', code: 1, err: ['invalid --pull option "foo"'] },
          { words: 'up --scale a', code: 1, err: ['invalid --scale option "a". Should be SERVICE=NUM'] },
          { words: 'scale a', code: 1, err: ['invalid scale specifier: a'] },
          { words: 'down --rmi foo', code: 1, err: ['invalid value for --rmi: "foo"'] },
          { words: '--progress foo up', code: 1, err: ['unsupported --progress value "foo"'] },
          { words: 'run', code: 1, err: ['requires at least 1 arg(s), only received 0'] },
          { words: 'exec a', code: 1, err: ['requires at least 2 arg(s), only received 1'] },
          { words: 'up nope', code: 1, err: ['no such service: nope'] },
          { words: '-f nope.yaml config', code: 1, err: ['nope.yaml: no such file or directory'] },
          { words: '-f other.yaml up', code: 1, stdout: [], err: ['no service selected'] },
          {
            words: 'config',
            code: 1,
            environment: { COMPOSE_ENV_FILES: 'nope.env' },
            err: ["couldn't find env file: "],
          },
        ],
      },
      program,
    ));
});
