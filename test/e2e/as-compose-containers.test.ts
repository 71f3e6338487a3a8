import { describe, test } from 'vitest';
import { playScenario, programs, type Scenario } from '../helpers/as-compose.ts';

const forever = { image: 'alpine', command: 'sleep inf' };

const scenarios: readonly Scenario[] = [
  {
    intent: 'commands about services that are not there, or do not run',
    file: { services: { web: forever, db: forever } },
    steps: [
      { words: 'up -d web' },
      { words: 'ps nope', code: 1, stdout: [], err: ['no such service: nope'] },
      { words: 'stop nope', code: 1, err: ['no such service: nope'] },
      { words: 'exec db true', code: 1, err: ['service "db" is not running'] },
      { words: 'exec --index 2 web true', code: 1, err: ['service "web" is not running container #2'] },
      { words: 'port web 80', code: 1, err: ['no port 80/tcp for container NAME-web-1'] },
      { words: 'port db 80', code: 1, err: ['service "db" is not running'] },
      { words: 'rm -f', stdout: [], err: ['No stopped containers'] },
      { words: 'kill db', err: ['no container to kill'] },
      { words: 'wait db', code: 1, err: ['no containers for project "NAME"'] },
      { words: 'cp a b', code: 1, err: ['unknown copy direction'] },
      { words: 'cp web:/a db:/b', code: 1, err: ['copying between services is not supported'] },
    ],
  },
  {
    intent: 'what is paused cannot be paused again',
    file: { services: { web: forever } },
    steps: [
      { words: 'up -d' },
      { words: 'pause', err: [' Container NAME-web-1  Paused'] },
      { words: 'pause web', code: 1, err: ['is already paused'] },
      { words: 'unpause web', err: [' Container NAME-web-1  Unpaused'] },
      { words: 'unpause web', code: 1, err: ['is not paused'] },
    ],
  },
  {
    intent: 'files and images of containers, replica by replica',
    file: { services: { web: { ...forever, deploy: { replicas: 2 } } } },
    files: { 'a.txt': 'hello\n' },
    steps: [
      { words: 'up -d' },
      {
        words: 'cp a.txt web:/tmp/a.txt',
        stdout: [],
        err: [
          ' NAME-web-1 copy a.txt to NAME-web-1:/tmp/a.txt Copying',
          ' NAME-web-2 copy a.txt to NAME-web-2:/tmp/a.txt Copied',
        ],
      },
      { words: 'exec -T --index 2 web cat /tmp/a.txt', stdout: ['hello'] },
      { words: 'cp web:/nope b.txt', code: 1, err: ['Could not find the file /nope in container'] },
      { words: '--progress quiet cp web:/tmp/a.txt b.txt', stdout: [], never: ['Copied'] },
      { words: '--progress json cp web:/tmp/a.txt b.txt', err: ['"status":"Copied"'] },
      {
        words: 'export --index 2 -o web.tar web',
        err: [' NAME-web-2 export NAME-web-2 to web.tar Exporting'],
      },
      { words: 'commit --index 3 web', code: 1, err: ['service "web" is not running container #3'] },
      { words: "exec -T web sh -c 'exit 5'", code: 5 },
      { words: 'exec --no-TTY=false web true', code: 1, err: ['the input device is not a TTY'] },
    ],
  },
  {
    intent: 'one-off containers: their streams, codes, variables and what they leave',
    file: { services: { back: { ...forever, depends_on: ['dep'] }, dep: forever } },
    files: { 'v.env': 'FOO=file\n' },
    steps: [
      {
        words: 'run --rm back echo hi',
        stdout: ['hi'],
        err: [' Container NAME-dep-1  Started'],
        never: ['-run-'],
      },
      {
        words: "run --rm back sh -c 'echo out; echo err >&2; exit 7'",
        code: 7,
        stdout: ['out'],
        err: ['err'],
      },
      { words: "run --rm -e FOO=said back sh -c 'echo $FOO'", stdout: ['said'] },
      { words: "run --rm --env-from-file v.env back sh -c 'echo $FOO'", stdout: ['file'] },
      { words: 'run --rm --env-from-file nope.env back true', code: 1, err: ['open nope.env: no such file'] },
      { words: 'run --rm --tty back true', code: 1, err: ['the input device is not a TTY'] },
      { words: 'run --rm --no-TTY=false back true', code: 1, err: ['the input device is not a TTY'] },
      {
        words: 'run --rm -P -p 1:1 back true',
        code: 1,
        err: ['--service-ports and --publish are incompatible'],
      },
      { words: 'run back true' },
      { words: 'ps -a --format {{.State}} back', out: ['exited'] },
      { words: 'run --rm back true', err: ['Found orphan containers ([NAME-back-run-'] },
      { words: 'down --remove-orphans -t 0', err: [' Network NAME_default  Removed'] },
    ],
  },
  {
    intent: 'images: what is pulled, and what need not be',
    file: {
      services: {
        one: { image: 'alpine', pull_policy: 'always', command: 'true' },
        two: { image: 'busybox:1.37', command: 'true' },
        built: { build: { dockerfile_inline: 'FROM alpine\nRUN echo made > /made\n' }, command: 'cat /made' },
      },
    },
    steps: [
      { words: 'pull one', stdout: [], err: [' one Pulling', ' one Pulled'] },
      { words: 'pull -q one two', err: [' one Pulled', ' two Pulled'] },
      { words: 'pull built', err: [' built Skipped - No image to be pulled'] },
      { words: 'pull --policy missing two', err: [' two Skipped - Image is already present locally'] },
      { words: 'build built', out: ['RUN echo made > /made'], err: ['built  Built'] },
      { words: 'up built', out: ['built-1  | made', 'built-1 exited with code 0'], never: ['RUN echo'] },
      { words: 'up -d --quiet-pull one', err: [' one Pulled'] },
    ],
  },
];

describe.each(programs)('$program', (program) => {
  test.concurrent.each(scenarios)('$intent', (scenario) => playScenario(scenario, program));
});
