import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shellInside } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel, underTest } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const file = `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 0.1; done"]
    scale: 2
`;

let project: TestProject;
let source: string;
beforeAll(async () => {
  project = createProject();
  project.write('compose.yaml', file);
  source = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  mkdirSync(path.join(source, 'd/sub'), { recursive: true });
  writeFileSync(path.join(source, 'f'), 'one\n');
  writeFileSync(path.join(source, 'empty'), '');
  writeFileSync(path.join(source, 'd/two'), 'two\n', { mode: 0o750 });
  writeFileSync(path.join(source, 'd/sub/ü'), 'deep\n');
  utimesSync(path.join(source, 'd/sub/ü'), 981_158_400, 981_158_400);
  symlinkSync('../f', path.join(source, 'd/link'));
  symlinkSync('d', path.join(source, 'dl'));
  symlinkSync('f', path.join(source, 'fl'));
  await project.run(['up', '-d']);
});
afterAll(async () => {
  await project.remove();
  rmSync(source, { recursive: true });
});

const prepare = `rm -rf /w /c; mkdir -p /w/ex /c/d; echo old >/w/file; ln -s ex /w/exl; ln -s file /w/fl;
echo hi >/c/f; chmod 640 /c/f; ln -s /c/f /c/fl; ln -s d /c/dl; echo x >/c/d/x`;
const listing =
  'cd /w; find . -mindepth 1 | sort | xargs stat -c "%n %F %a %u:%g"; find . -type f | sort | xargs md5sum';

/** SOURCE stands for the folder with the files, HERE for the one to copy into. */
const cases: readonly (readonly string[])[] = [
  ['SOURCE/f', 'web:/w/new'],
  ['SOURCE/f', 'web:/w/ex'],
  ['SOURCE/f', 'web:/w/nodir/'],
  ['SOURCE/f', 'web:/w/no/dir'],
  ['SOURCE/f', 'web:/w/file'],
  ['SOURCE/f', 'web:/w/exl'],
  ['SOURCE/f', 'web:/w/fl'],
  ['SOURCE/empty', 'web:w/empty'],
  ['SOURCE/d', 'web:/w/new'],
  ['SOURCE/d', 'web:/w/new/'],
  ['SOURCE/d', 'web:/w/ex'],
  ['SOURCE/d/', 'web:/w/new'],
  ['SOURCE/d/.', 'web:/w/ex'],
  ['SOURCE/d/.', 'web:/w/new'],
  ['SOURCE/d', 'web:/w/file'],
  ['SOURCE/fl', 'web:/w/new'],
  ['-L', 'SOURCE/fl', 'web:/w/new'],
  ['SOURCE/dl', 'web:/w/new'],
  ['SOURCE/dl/', 'web:/w/new'],
  ['-L', 'SOURCE/dl', 'web:/w/new'],
  ['-a', 'SOURCE/d', 'web:/w/new'],
  ['--index', '2', 'SOURCE/f', 'web:/w/new'],
  ['--index', '7', 'SOURCE/f', 'web:/w/new'],
  ['SOURCE/nosuch', 'web:/w/new'],
  ['SOURCE', 'web:/w/new'],
  ['web:/c/f', 'HERE/new'],
  ['web:/c/f', 'HERE/ex'],
  ['web:c/f', 'HERE/file'],
  ['web:/c/f', 'HERE/nodir/'],
  ['web:/c/f', 'HERE/no/dir'],
  ['web:/c/d', 'HERE/new'],
  ['web:/c/d', 'HERE/ex'],
  ['web:/c/d/.', 'HERE/new'],
  ['web:/c/d', 'HERE/file'],
  ['web:/c/fl', 'HERE/new'],
  ['-L', 'web:/c/fl', 'HERE/new'],
  ['-L', 'web:/c/fl', 'HERE/ex'],
  ['-L', 'web:/c/dl', 'HERE/new'],
  ['web:/c/nosuch', 'HERE/new'],
  ['web:/c/f', 'web:/c/g'],
  ['a', 'b'],
  ['nosuch:/x', 'y'],
];

function containers(): readonly string[] {
  return ['1', '2'].map((number) => `${project.environment.COMPOSE_PROJECT_NAME}-web-${number}`);
}

async function outcome(program: readonly string[], words: readonly string[]) {
  const [command = '', ...before] = program;
  await Promise.all(containers().map((container) => shellInside(container, prepare)));
  const here = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  mkdirSync(path.join(here, 'ex'));
  writeFileSync(path.join(here, 'file'), 'old');
  const actual = words.map((word) => word.replace('SOURCE', source).replace('HERE', here));
  const { code } = await project.startOther(command, [...before, 'cp', ...actual]).finished;
  const inside = await Promise.all(containers().map((container) => shellInside(container, listing)));
  const outside = execFileSync(
    'sh',
    ['-c', 'find . -mindepth 1 | sort | xargs ls -ld --time-style=+ ; cat $(find . -type f | sort)'],
    {
      cwd: here,
      encoding: 'utf8',
    },
  );
  rmSync(here, { recursive: true });
  return { code, inside, outside };
}

describe.skipIf(compose === undefined)('files end up where Docker Compose puts them', () => {
  test.each(cases.map((words) => ({ words })))('$words', async ({ words }) => {
    const theirs = await outcome([compose ?? ''], words);
    const ours = await outcome([underTest, path.resolve('bin/stack.js')], words);
    expect(ours).toEqual(theirs);
  });
});

test('a tar goes in and out as it is', async () => {
  const shell = (script: string): string =>
    execFileSync('sh', ['-c', script], {
      cwd: project.directory,
      env: { ...project.environment },
      encoding: 'utf8',
    });
  const stack = `${underTest} ${path.resolve('bin/stack.js')}`;
  await project.run(['exec', 'web', 'sh', '-c', prepare]);
  shell(`tar c -C ${source} d | ${stack} cp --index 1 - web:/w/ex`);
  expect(shell(`${stack} cp --index 1 web:/w/ex/d - | tar t | sort`)).toBe(
    'd/\nd/link\nd/sub/\nd/sub/ü\nd/two\n',
  );
});

test('what cannot be copied is told with a way out', async () => {
  const told = async (...words: string[]) => (await project.run(['cp', ...words])).stderr;
  expect(await told('a', 'b')).toContain('unknown copy direction');
  expect(await told('web:/a', 'web:/b')).toContain('copying between services is not supported');
  expect(await told('web:/nosuch', 'here')).toContain('there is no /nosuch in the container');
  expect(await told('nosuch', 'web:/here')).toMatch(/nosuch does not exist/);
});
