import { afterEach, expect, test } from 'vitest';
import { askEngine } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
const containers: string[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
  for (const id of containers.splice(0)) await askEngine('DELETE', `/containers/${id}`, { force: 'true' });
});

/** Sets a title, rings, moves the cursor and claims to be a prompt, in the forms of seven and of eight bits. */
const attack =
  '\u001b]0;OWNED\u0007\u001b[77;77HFAKE\u001b[?1049h\u001bPq\u001b\\\u009b66;66H\u202e\u001b]52;c;T1dORUQ=\u0007';
/** The same in YAML, and in a shell. */
const inYaml = '\\e]0;OWNED\\a\\e[77;77HFAKE\\e[?1049h\\ePq\\e\\\\\\x9b66;66H\\u202e\\e]52;c;T1dORUQ=\\a';
const inShell =
  "printf '\\033]0;OWNED\\007\\033[77;77HFAKE\\033[?1049h\\302\\23366;66H\\033]52;c;T1dORUQ=\\007\\n'";

const stack = `services:
  web:
    build: .
    init: true
    stop_grace_period: 0s
    labels: { ${testLabel}: "1", note: "${inYaml}" }
    environment: { NOTE: "${inYaml}", DSN: "\${FROM_FILE}" }
    command: [sh, -c, "${inShell.replaceAll('\\', '\\\\')}; exec sleep 600", "${inYaml}"]
    healthcheck: { test: [CMD-SHELL, "${inShell.replaceAll('\\', '\\\\')}; exit 1"], interval: 1s, retries: 1 }
x-note: "${inYaml}"
`;

function projectWith(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  project.write('Dockerfile', `FROM busybox\nRUN ${inShell}\n`);
  project.write('.env', `FROM_FILE="${attack}"\n`);
  return project;
}

function open(project: TestProject, words: readonly string[]): Terminal {
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
    columns: 200,
    rows: 50,
  });
  terminals.push(terminal);
  return terminal;
}

const ordered = new RegExp(
  ['\u001b\\](?:0|52);', '\u001bP', '\u0007', '\u009b', '\u202e', '\u001b\\[77;77H'].join('|'),
  'g',
);

/** What a terminal would have obeyed that is not of the display. */
function orders(terminal: Terminal): readonly string[] {
  const all = terminal.raw().matchAll(ordered);
  return [...new Set([...all].map(([found]) => JSON.stringify(found)))];
}

test('nothing that others write reaches a terminal as an order', async () => {
  const project = projectWith(stack);
  const whole = [
    ['build', '--no-cache', 'web'],
    ['--ui', 'plain', 'up', '-d'],
    ['up', '-d'],
    ['logs'],
    ['logs', '--no-log-prefix'],
    ['compose', 'logs'],
    ['ps', '-a', '--no-trunc'],
    ['ps', '--format', '{{.Command}} {{.Labels}}'],
    ['ps', '--format', 'json'],
    ['--json', 'logs'],
    ['config'],
    ['config', '--format', 'json'],
    ['config', '--environment'],
    ['config', '--variables'],
    ['config', '--origin', 'services.web.environment'],
    ['env', 'web'],
    ['env', 'web', 'NOTE'],
    ['env', 'web', '--format', 'dotenv'],
    ['env', 'web', '--format', 'shell'],
    ['build', '--print'],
    ['why', 'web'],
    ['plan'],
    ['top'],
    ['viz'],
    ['timeline'],
    ['events', '--since', '10m', '--until', '0s'],
  ];
  const [first = [], second = [], ...others] = whole;
  const tell = async (words: readonly string[]): Promise<void> => {
    const terminal = open(project, words);
    await terminal.exit;
    expect([words, orders(terminal)]).toEqual([words, []]);
    if (['logs', 'config'].includes(words.join(' ')))
      expect([words, terminal.lines().join('\n')]).toEqual([words, expect.stringContaining('FAKE')]);
  };
  await tell(first);
  await tell(second);
  await Promise.all(others.map(tell));
  // Programs get it as it is.
  expect((await project.run(['env', 'web', 'NOTE'])).stdout).toContain(attack);

  for (const ui of ['inline', 'full']) {
    const terminal = open(project, ['--ui', ui, 'up']);
    await terminal.waitFor(/FAKE/);
    terminal.type('q');
    await terminal.exit;
    expect([ui, orders(terminal)]).toEqual([ui, []]);
  }
});

test('what is wrong is told without what it is wrong with', async () => {
  const project = projectWith(stack);
  const Labels = {
    [testLabel]: '1',
    'com.docker.compose.project': attack,
    'com.docker.compose.service': 'x',
    'com.docker.compose.project.config_files': attack,
  };
  const foreign = await askEngine<{ Id: string }>(
    'POST',
    '/containers/create',
    {},
    { Image: 'busybox', Labels },
  );
  containers.push(foreign.Id);
  const wrong: readonly (readonly [string, readonly string[]])[] = [
    [`services:\n  web:\n    image: busybox\n    "${inYaml}": 1\n`, ['check']],
    [`services:\n  web:\n    image: "${inYaml}"\n`, ['up', '-d']],
    [
      `services:\n  web:\n    image: busybox\n    network_mode: "${inYaml}"\n    depends_on: ["${inYaml}"]\n`,
      ['config'],
    ],
    [
      `services:\n  web:\n    image: busybox\n    command: ["${inYaml}"]\n    labels: [${testLabel}=1]\n`,
      ['up'],
    ],
    [
      `services:\n  web:\n    image: busybox\n    pid: host\n    volumes: ["./${inYaml}:/etc/x", "/etc/${inYaml}:/y"]\n`,
      ['create'],
    ],
    [
      `services:\n  web:\n    build: { context: ., dockerfile_inline: "FROM busybox\\nRUN ${inShell.replaceAll('\\', '\\\\')}; false\\n" }\n`,
      ['build'],
    ],
    [`services:\n  web:\n    image: busybox\n    env_file: "${inYaml}"\n`, ['up']],
    ['services: {}\n', ['ls', '-a']],
    ['services: {}\n', ['ls', '-a', '-q']],
    ['services: {}\n', ['ls', '-a', '--format', 'json']],
    ['services: {}\n', ['gc', '--dry-run']],
    ['services: {}\n', ['-p', attack.replaceAll('\0', ''), 'ps']],
  ];
  for (const [file, words] of wrong) {
    project.write('stack.yaml', file);
    const terminal = open(project, words);
    if (words[0] === 'create') {
      await terminal.waitFor(/Let it have that/);
      terminal.type('\r');
    }
    await terminal.exit;
    expect([words, orders(terminal)]).toEqual([words, []]);
  }
  project.write('.env', `A${attack}=1\nB\n`);
  const terminal = open(project, ['config']);
  await terminal.exit;
  expect(orders(terminal)).toEqual([]);
});
