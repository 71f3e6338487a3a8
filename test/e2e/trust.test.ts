import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

function projectWith(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  return project;
}

const common = `
    image: busybox
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command: [sleep, infinity]`;

const demanding = `services:
  web:${common}
    pid: host
    volumes: ["./keys:/keys:ro", "./own:/own"]
  plain:${common}
`;

/** One whose folder has a link to the keys of the user, who has a home of their own. */
function demandingProject(): TestProject {
  const project = projectWith(demanding);
  const home = `${project.directory}.cache/home`;
  mkdirSync(path.join(project.directory, 'own'));
  mkdirSync(path.join(home, '.ssh'), { recursive: true });
  symlinkSync(path.join(home, '.ssh'), path.join(project.directory, 'keys'));
  const environment = { ...project.environment, HOME: home };
  return {
    ...project,
    environment,
    run: (words, options) =>
      project.run(words, { ...options, environment: { HOME: home, ...options?.environment } }),
  };
}

async function containersOf(project: TestProject): Promise<string> {
  return (await project.run(['ps', '-a', '--services'])).stdout;
}

test('what reaches beyond containers and folder is made only once someone has agreed to it', async () => {
  const project = demandingProject();
  for (const words of [
    ['up', '-d'],
    ['create'],
    ['run', '--rm', 'web', 'true'],
    ['watch'],
    ['scale', 'web=2'],
  ]) {
    const { code, stderr, stdout } = await project.run(words);
    expect([words, code]).toEqual([words, 1]);
    expect(stdout + stderr).toContain(
      'stack.yaml:8:10 error: web asks for the processes of the host, and nobody has agreed to that',
    );
    expect(stdout + stderr).toMatch(
      /see: stack\.yaml:9:15 web asks for what is private at home \(\S+\.ssh\) by the link \S+\/keys/,
    );
    expect(stdout + stderr).not.toContain('/own');
    expect(stdout + stderr).toContain('stack up --trust');
  }
  expect(await containersOf(project)).toBe('');
  const json = await project.run(['--json', 'create']);
  expect(json.stdout).toContain('"code":"not-trusted"');
  // Only what is brought up counts, and who only looks is told nothing.
  expect((await project.run(['create', 'plain'])).code).toBe(0);
  for (const words of [['plan'], ['config', '-q'], ['check'], ['up', '--dry-run'], ['down', '--dry-run']])
    expect((await project.run(words)).output).not.toContain('nobody has agreed');

  // The variable counts as long as it is there, the option from then on.
  const environment = { STACK_TRUST: '1' };
  expect((await project.run(['create'], { environment })).code).toBe(0);
  expect((await project.run(['create', '--force-recreate'])).code).toBe(1);
  expect((await project.run(['create', '--force-recreate', '--trust'])).code).toBe(0);
  expect((await project.run(['create', '--force-recreate'])).code).toBe(0);
  const folder = path.join(`${project.directory}.state`, 'stack/trust');
  const [kept = ''] = readdirSync(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(folder, kept)).mode & 0o777).toBe(0o600);
  expect(readFileSync(path.join(folder, kept), 'utf8')).not.toMatch(/web|host|\//);

  // Anything more is another question, anything less is none; in the place of Docker Compose nobody is asked.
  project.write('stack.yaml', demanding.replace('pid: host', 'uts: host'));
  const changed = await project.run(['create']);
  expect([changed.code, changed.output]).toEqual([
    1,
    expect.stringContaining('web asks for the name of the host'),
  ]);
  project.write('stack.yaml', demanding.replace('    pid: host\n', ''));
  expect((await project.run(['create'])).code).toBe(0);
  project.write('stack.yaml', demanding.replace('pid: host', 'uts: host'));
  expect((await project.run(['compose', 'create'])).code).toBe(0);
});

test('on a terminal it is asked once', async () => {
  const project = demandingProject();
  const open = (words: readonly string[]): Terminal => {
    const terminal = openTerminal({
      command: underTest,
      args: [launcher, ...words],
      cwd: project.directory,
      env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
      columns: 160,
    });
    terminals.push(terminal);
    return terminal;
  };
  const refusing = open(['up']);
  const question = await refusing.waitFor(/Let it have that\? \[y\/N\]/);
  expect(question.join('\n')).toMatch(
    /asks for more than containers of its own and its folder:\n *stack\.yaml:8:10 +web +the processes/,
  );
  refusing.type('\r');
  expect(await refusing.exit).toMatchObject({ code: 1 });
  expect(refusing.lines().join('\n')).toContain('it may not have what it asks for');
  expect(await containersOf(project)).toBe('');

  const agreeing = open(['up', '-d']);
  await agreeing.waitFor(/Let it have that\?/);
  agreeing.type('y\r');
  expect(await agreeing.exit).toMatchObject({ code: 0 });
  expect((await containersOf(project)).trim().split('\n').sort()).toEqual(['plain', 'web']);

  // While it stays, a file that asks for more changes nothing; what runs goes on.
  const staying = open(['up']);
  await staying.waitFor(/watching stack\.yaml/);
  expect(staying.raw()).not.toContain('Let it have that?');
  project.write('stack.yaml', demanding.replace('pid: host', 'pid: host\n    privileged: true'));
  await staying.waitFor(/web asks for privileged mode, and nobody has agreed/);
  staying.type('q');
  await staying.exit;
  const { stdout } = await project.run(['ps', '--services', '--status', 'running']);
  expect(stdout.trim().split('\n').sort()).toEqual(['plain', 'web']);
});

test('to look at the stack of a stranger executes nothing, and reads nothing that it does not name', async () => {
  const project = projectWith(`x-trap: &trap { command: [./trap], privileged: true }
services:
  web:${common}
    environment: { A: "$\{LD_PRELOAD:-}", B: "$$(./trap)", C: "\`./trap\`" }
    build:
      context: .
      dockerfile_inline: "FROM busybox\\nRUN ./trap"
      ssh: [default]
      args: { D: "$$(./trap)" }
    healthcheck: { test: [CMD-SHELL, ./trap] }
    post_start: [*trap]
    pre_stop: [*trap]
    configs: [made]
    secrets: [token]
    depends_on: [cloud]
    develop: { watch: [{ action: sync+exec, path: ., target: /x, exec: *trap }] }
    x-stack: { ready: { exec: ./trap }, provides: { url: "$$(./trap)" } }
  cloud:
    provider: { type: ./trap }
  plugged:
    provider: { type: trap }
configs: { made: { content: "$$(./trap)" } }
secrets: { token: { environment: TRAP } }
`);
  const { directory } = project;
  const at = (file: string): string => path.join(directory, file);
  project.write('trap', `#!/bin/sh\ntouch '${at('sprung')}'\n`);
  chmodSync(at('trap'), 0o755);
  for (const name of ['docker-trap', 'git', 'ssh', 'docker-credential-trap', 'docker', 'xdg-open', 'sh']) {
    mkdirSync(at('bin'), { recursive: true });
    symlinkSync(at('trap'), at(`bin/${name}`));
  }
  project.write('cfg/config.json', '{"credsStore": "trap", "cliPluginsExtraDirs": ["./bin"]}');
  project.write('.git/config', `[core]\n\tfsmonitor = ${at('trap')}\n\tsshCommand = ${at('trap')}\n`);
  project.write('other.env', 'TRAP=2\n');
  project.write(
    '.env',
    `TRAP=1
PATH=${at('bin')}
DOCKER_HOST=ssh://-oProxyCommand=${at('trap')}
DOCKER_CONFIG=${at('cfg')}
DOCKER_CONTEXT=trap
GIT_SSH_COMMAND=${at('trap')}
SSH_AUTH_SOCK=${at('trap')}
NODE_OPTIONS=--require=${at('trap')}
LD_PRELOAD=${at('trap')}
EDITOR=${at('trap')}
BROWSER=${at('trap')}
HOME=${directory}
`,
  );
  const home = `${directory}.config`;
  const trace = `${directory}.cache`;
  mkdirSync(home, { recursive: true });
  mkdirSync(trace, { recursive: true });
  const preload = path.resolve(import.meta.dirname, '../helpers/trace.cjs');
  const looking: readonly (readonly string[])[] = [
    ['check'],
    ['config'],
    ['config', '--hash', '*'],
    ['plan'],
    ['env', 'web'],
    ['diff', 'other.env'],
    ['why', 'web'],
    ['viz'],
    ['build', '--print'],
    ['up', '--dry-run'],
    ['__complete', 'up', ''],
    ['doctor'],
  ];
  await Promise.all(
    looking.map(async (words, index) => {
      const file = path.join(trace, `${index}`);
      const environment = {
        HOME: home,
        NODE_OPTIONS: `--require=${preload}`,
        TRACE_FILE: file,
        XDG_CACHE_HOME: path.join(home, '.cache'),
      };
      await project.run(words, { environment });
      const traced = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line): [string, string] => JSON.parse(line));
      expect(traced.length).toBeGreaterThan(1);
      const started = traced.flatMap(([kind, what]) => (kind === 'start' ? [what] : []));
      expect([words, started]).toEqual([words, []]);
      const read = traced.flatMap(([kind, what]) => (kind === 'read' ? [what] : []));
      const strange = read.filter((what) => path.isAbsolute(what) && !isExpected(what, directory, home));
      expect([words, strange]).toEqual([words, []]);
    }),
  );
  expect(existsSync(at('sprung'))).toBe(false);
});

test('values for variables are written through no link that leads out of the folder', async () => {
  const project = projectWith('services: { web: { image: busybox, environment: { A: "${A:?}" } } }\n');
  const { directory } = project;
  const victim = `${directory}.cache/victim`;
  mkdirSync(path.dirname(victim), { recursive: true });
  writeFileSync(victim, 'mine\n');
  symlinkSync(victim, path.join(directory, '.env'));
  project.write('.env.example', 'A=theirs\n');
  const { code, output } = await project.run(['env', '--fill']);
  expect([code, output]).toEqual([1, expect.stringContaining(`it is a link into ${path.dirname(victim)}`)]);
  expect(readFileSync(victim, 'utf8')).toBe('mine\n');
});

/** The stack, what is looked for above it, what the user has set, the program itself, and what the system tells about itself. */
function isExpected(what: string, directory: string, home: string): boolean {
  const own = path.resolve(import.meta.dirname, '../..');
  const folders = [directory, home, `${directory}.state`, own, path.dirname(underTest)];
  if (folders.some((folder) => what === folder || what.startsWith(`${folder}/`))) return true;
  if (path.dirname(directory).startsWith(path.dirname(what))) return true;
  // `doctor` looks which programs there are.
  if (process.env.PATH?.split(path.delimiter).includes(path.dirname(what))) return true;
  return /^\/(?:proc|sys|run|var\/run|dev|etc\/(?:docker|resolv\.conf|os-release|passwd)|usr\/(?:local\/)?lib(?:exec)?\/docker)(?:\/|$)/.test(
    what,
  );
}
