import { describe, test } from 'vitest';
import { playScenario, programs, type Scenario } from '../helpers/as-compose.ts';

const run = (command: string, more: object = {}) => ({
  image: 'alpine',
  command: ['sh', '-c', command],
  ...more,
});
const forever = { image: 'alpine', command: 'sleep inf' };
const after = (service: string, condition: string, more: object = {}) => ({
  depends_on: { [service]: { condition, ...more } },
});

const scenarios: readonly Scenario[] = [
  {
    intent: 'what services write goes to the stream it was written to, and how they ended is told after it',
    file: { services: { out: run('echo one; echo two >&2'), bad: run('exit 3') } },
    steps: [
      {
        words: 'up',
        stdout: [
          'Attaching to bad-1, out-1',
          'out-1  | one',
          'out-1 exited with code 0',
          'bad-1 exited with code 3',
        ],
        err: ['out-1  | two', ' Network NAME_default  Created', ' Container NAME-out-1  Created'],
        never: ['Started'],
      },
      { words: 'up bad', stdout: ['Attaching to bad-1', 'bad-1 exited with code 3'] },
      { words: '--progress quiet up --no-log-prefix out', out: ['one\n', 'out-1 exited with code 0'] },
      { words: 'up --exit-code-from bad', code: 3, err: ['Aborting on container exit...'] },
      { words: 'up -d bad', err: [' Container NAME-bad-1  Started'] },
    ],
  },
  {
    intent: 'one that ends takes the others along, if it is asked for',
    file: {
      services: {
        running: forever,
        done: run('true', after('running', 'service_started')),
        bad: run('exit 4', after('done', 'service_completed_successfully')),
      },
    },
    steps: [
      {
        words: 'up --abort-on-container-exit running done',
        out: ['done-1 exited with code 0', 'running-1 exited with code 143'],
        err: ['Aborting on container exit...', ' Container NAME-running-1  Stopped'],
      },
      { words: 'up --abort-on-container-failure', code: 4, out: ['bad-1 exited with code 4'] },
      { words: 'up --exit-code-from running running done', code: 143 },
    ],
  },
  {
    intent: 'a dependency that fails is told by its container',
    file: {
      services: {
        web: { ...forever, ...after('db', 'service_healthy') },
        db: run('exit 1', { healthcheck: { test: 'false', interval: '1m' } }),
      },
    },
    steps: [
      {
        words: 'up -d',
        code: 1,
        err: [' Container NAME-db-1  Error', 'dependency failed to start: container NAME-db-1 exited (1)'],
      },
      { words: 'up', code: 1, err: ['dependency failed to start: container NAME-db-1 exited (1)'] },
    ],
  },
  {
    intent:
      'so is one that is unhealthy, and a job that fails; what is not required is left out with a warning',
    file: {
      services: {
        web: { ...forever, ...after('db', 'service_healthy') },
        db: { ...forever, healthcheck: { test: 'false', interval: '500ms', retries: 1 } },
        late: { ...forever, ...after('job', 'service_completed_successfully') },
        job: run('exit 2'),
        easy: run('echo main', after('job', 'service_completed_successfully', { required: false })),
      },
    },
    steps: [
      { words: 'up -d web', code: 1, err: ['dependency failed to start: container NAME-db-1 is unhealthy'] },
      { words: 'up -d late', code: 1, err: ['service "job" didn\'t complete successfully: exit 2'] },
      {
        words: 'up easy',
        out: ['easy-1  | main', 'easy-1 exited with code 0'],
        err: ['level=warning msg="optional dependency \\"job\\" didn\'t complete successfully: exit 2"'],
      },
    ],
  },
  {
    intent: 'containers that no service stands for are told of, kept, and removed if that is wanted',
    file: { services: { a: forever, b: forever } },
    files: {
      'one.yaml':
        'name: NAME\nservices: {a: {image: alpine, init: true, command: sleep inf, labels: {dev.stack.test: as-compose}}}\nnetworks: {default: {labels: {dev.stack.test: as-compose}}}\n',
    },
    steps: [
      { words: 'up -d', err: [' Container NAME-b-1  Started'] },
      {
        words: '-f one.yaml up -d',
        err: ['level=warning msg="Found orphan containers ([NAME-b-1]) for this project.'],
      },
      { words: '-f one.yaml up -d', environment: { COMPOSE_IGNORE_ORPHANS: '1' }, never: ['orphan'] },
      {
        words: '-f one.yaml up -d --remove-orphans',
        err: [' Container NAME-b-1  Removed'],
        never: ['Found orphan'],
      },
    ],
  },
  {
    intent: 'two services with one container name can come up one by one',
    file: {
      services: {
        a: { ...forever, container_name: 'twice-NAME' },
        b: { ...forever, container_name: 'twice-NAME' },
      },
    },
    steps: [
      { words: 'up -d', code: 1, err: ['container name "twice-NAME" is already in use'] },
      { words: 'up -d a', err: [' Container twice-NAME  Started'] },
      { words: 'down', err: [' Container twice-NAME  Removed'] },
    ],
  },
  {
    intent: 'a volume whose settings changed is made anew if the answer is yes',
    file: {
      services: { a: { ...forever, volumes: ['data:/data'] } },
      volumes: { data: { labels: { 'dev.stack.test': 'as-compose', version: '${VERSION:-1}' } } },
    },
    steps: [
      { words: 'up -d', err: [' Volume NAME_data  Created', ' Container NAME-a-1  Started'] },
      { words: 'up -d', environment: { VERSION: '2' }, never: ['Volume NAME_data  Removed'] },
      {
        words: 'up -d --yes',
        environment: { VERSION: '2' },
        err: [' Container NAME-a-1  Removed', ' Volume NAME_data  Created', ' Container NAME-a-1  Started'],
      },
    ],
  },
  {
    intent: 'hooks that fail are told by their service',
    file: {
      services: {
        after: { ...forever, post_start: [{ command: ['sh', '-c', 'exit 127'] }] },
        before: { ...forever, pre_stop: [{ command: ['sh', '-c', 'exit 126'] }] },
      },
    },
    steps: [
      { words: 'up -d after', code: 1, err: ['after hook exited with status 127'] },
      { words: 'up -d before' },
      { words: 'stop -t 0 before', code: 1, err: ['before hook exited with status 126'] },
    ],
  },
  {
    intent: 'nothing is done in a dry run, but told as if',
    file: { services: { a: forever } },
    steps: [
      { words: '--dry-run up -d', stdout: [], err: [' DRY-RUN MODE -  Container NAME-a-1  Started'] },
      { words: 'ps -a -q', stdout: [] },
    ],
  },
];

describe.each(programs)('$program', (program) => {
  test.concurrent.each(scenarios)('$intent', (scenario) => playScenario(scenario, program));
});
