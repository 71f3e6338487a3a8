import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asProgram } from '../helpers/as-program.ts';
import { createProject } from '../helpers/project.ts';

const project = createProject();
project.write(
  'compose.yaml',
  'services: {web: {image: busybox}, db: {image: busybox, profiles: [data, test]}}\n',
);
project.write('other.yaml', 'services: {api: {image: busybox}}\n');
project.write('broken.yaml', 'services: {api: }}\n');
afterAll(() => project.remove());
const { folder } = asProgram(project, 'stack');
const environment = { PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}` };

/** The words typed so far, of which the last is not finished, and what can stand in its place. */
const cases: readonly (readonly [typed: readonly string[], found: readonly string[]])[] = [
  [
    ['up', ''],
    ['db', 'web'],
  ],
  [['up', 'w'], ['web']],
  [['up', 'web', ''], ['db']],
  [['up', '--', 'web', ''], ['db']],
  [['-f', 'other.yaml', 'logs', ''], ['api']],
  [['--file=other.yaml', 'logs', '-f', ''], ['api']],
  [['-fother.yaml', 'logs', '-n', '5', ''], ['api']],
  [['-f', 'broken.yaml', 'logs', ''], []],
  [['-f', '-', 'logs', ''], []],
  [['-p', 'up', 'pau'], ['pause']],
  [['unp'], ['unpause']],
  [['--project-n'], ['--project-name']],
  [['up', '--force'], ['--force-recreate']],
  [
    ['--profile', ''],
    ['data', 'test', '*'],
  ],
  [['--progress', 'q'], ['quiet']],
  [['ps', '--status', 'ex'], ['exited']],
  [
    ['config', '--format', ''],
    ['yaml', 'json'],
  ],
  [
    ['down', '--rmi', ''],
    ['local', 'all'],
  ],
  [['up', '--exit-code-from', 'd'], ['db']],
  [['up', '--scale', 'w'], ['web=']],
  [['cp', 'd'], ['db:']],
  [['exec', 'w'], ['web']],
  [['exec', 'web', ''], []],
  [['ls', ''], []],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
];

test.each(cases)('%j can go on with %j', async (typed, found) => {
  const { code, stdout, stderr } = await project.startOther(
    path.join(folder, 'stack'),
    ['__completeNoDesc', ...typed],
    { environment },
  ).finished;
  expect({ code, stderr, found: stdout.trimEnd().split('\n').slice(0, -1) }).toEqual({
    code: 0,
    stderr: '',
    found,
  });
});

test('candidates come with what they mean, and shells are told what else could stand there', async () => {
  const ask = async (...words: string[]) =>
    (await project.startOther(path.join(folder, 'stack'), ['__complete', ...words], { environment }).finished)
      .stdout;
  expect(await ask('version', '--sh')).toBe('--short\tonly the number\n:4\n');
  expect(await ask('-f', '')).toBe(':0\n');
  expect(await ask('--project-directory', '')).toBe(':16\n');
  expect(await ask('cp', 'w')).toBe('web:\n:2\n');
});

const bash = `
source <(stack completion bash) || exit
_words() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  \${_complete:-_stack_complete}
  printf '%s|' "\${COMPREPLY[@]}"
  printf '\\n'
}
_words stack up ''
_words stack up web ''
_words stack --profile = d
_words stack --profile =
_words stack --profile=d
_words stack up --scale w
_words stack -f "'other.yaml'" up ''
_words stack -f '$(echo other.yaml)' up ''
_words stack exec web "it's"
_words stack no such command
complete -p stack
shopt -s expand_aliases
alias st='stack -f other.yaml'
_words st up ''
source <(stack compose completion bash)
complete -p docker-compose
`;

test('bash completes', () => {
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', bash], {
    cwd: project.directory,
    env: { ...project.environment, ...environment },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'db|web|',
    'db|',
    'data|',
    'data|test|*|',
    '--profile=data|',
    'web=|',
    'api|',
    '|',
    '|',
    '|',
    'complete -F _stack_complete stack',
    'api|',
    'complete -F _docker_compose_complete docker-compose',
    '',
  ]);
});

const zsh = `
compdef() { :; }
_describe() { print -rn -- "\${(P)2} \${@[3,-1]}"; }
_files() { print -rn -- "files $*"; }
source <(stack completion zsh)
_words() { words=("$@") CURRENT=$#; _stack_complete; print; }
_words stack up ''
_words stack --profile=d
_words stack up --scale w
_words stack cp w
_words stack -f ''
_words stack --project-directory ''
`;

test.skipIf(spawnSync('zsh', ['--version']).status !== 0)('zsh completes', () => {
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', zsh], {
    cwd: project.directory,
    env: { ...project.environment, ...environment },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.split('\n').map((line) => line.trim())).toEqual([
    'db web',
    '--profile=data',
    'web= -S',
    'web\\: -S',
    'files',
    'files -/',
    '',
  ]);
});

test.skipIf(spawnSync('fish', ['--version']).status !== 0)('fish completes', () => {
  const script = `
stack completion fish | source
complete -C 'stack up '
complete -C 'stack --profile=d'
complete -C 'stack up --scale w'
complete -C 'stack version --sh'
`;
  const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
    cwd: project.directory,
    env: { ...project.environment, ...environment },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual(['db', 'web', '--profile=data', 'web=', '--short\tonly the number', '']);
});
