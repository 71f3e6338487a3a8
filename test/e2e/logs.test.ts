import { spawn } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

function projectOf(services: Record<string, string>): TestProject {
  const file = Object.entries(services).map(
    ([name, rest]) => `  ${name}:\n    image: busybox\n    labels: [${testLabel}=1]\n    ${rest}\n`,
  );
  const project = createProject({ file: `services:\n${file.join('')}` });
  projects.push(project);
  return project;
}

const numbersIn = (text: string): number[] =>
  [...text.matchAll(/^web-1 +\| (\d+)$/gm)].map(([, number]) => Number(number));

test('attached, every line of a service that ends by itself arrives', async () => {
  const project = projectOf({ web: 'command: seq 1 200000' });
  const { code, stdout } = await project.run(['up']);
  expect(code).toBe(0);
  const numbers = numbersIn(stdout);
  expect(numbers).toHaveLength(200_000);
  expect(numbers.every((number, index) => number === index + 1)).toBe(true);
});

test('attached, what a service writes when it is told to stop arrives', async () => {
  const project = projectOf({
    web: `command: [sh, -c, "trap 'seq 1 50000; exit 0' TERM; echo ready; while true; do sleep 0.1; done"]`,
  });
  const up = project.start(['up']);
  await up.waitFor(/web-1 +\| ready/);
  up.signal('SIGINT');
  const { code, stdout } = await up.finished;
  expect(code).toBe(130);
  expect(numbersIn(stdout)).toHaveLength(50_000);
});

test('logs -f goes on with what comes, with times, and ends when all containers have ended', async () => {
  const project = projectOf({
    web: `command: [sh, -c, "trap 'echo bye; exit 0' TERM; echo a; echo b; while true; do sleep 0.1; done"]`,
    job: 'command: echo done',
  });
  expect((await project.run(['up', '-d'])).code).toBe(0);
  // Only then the last line is the last one.
  await project.start(['logs', '-f', 'web']).waitFor(/ b\n/);
  const logs = project.start(['logs', '-f', '-t', '--tail', '1']);
  await logs.waitFor(/ b\n/);
  const down = project.run(['down']);
  const { code, stdout } = await logs.finished;
  expect(code).toBe(0);
  await down;
  const lines = stdout.split('\n').filter((line) => line.startsWith('web-1'));
  expect(lines).toEqual([
    expect.stringMatching(/^web-1 +\| \d{4}-\S+Z b$/),
    expect.stringMatching(/^web-1 +\| \d{4}-\S+Z bye$/),
  ]);
  expect(stdout).toMatch(/^job-1 +\| \d{4}-\S+Z done$/m);
});

test('logs -f that is ended by Ctrl-C says so by its exit code', async () => {
  const project = projectOf({ web: 'command: [sh, -c, "echo hello; sleep 600"]\n    init: true' });
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const logs = project.start(['logs', '-f']);
  await logs.waitFor(/hello/);
  logs.signal('SIGINT');
  expect(await logs.finished).toMatchObject({ code: 130, stderr: '' });
});

test('a service without a readable log is told once and costs nothing; the others are read', async () => {
  const project = projectOf({
    web: 'command: [sh, -c, "echo hello; sleep 600"]\n    init: true',
    mute: 'command: [sleep, "600"]\n    init: true\n    logging: {driver: none}',
  });
  const up = project.start(['--json', 'up']);
  await up.waitFor(/"stack-ready"/);
  await up.waitFor(/hello/);
  await up.waitFor(/"problem-found"/);
  up.signal('SIGINT');
  const { code, stdout } = await up.finished;
  expect(code).toBe(130);
  expect(stdout.match(/"problem-found"/g)).toHaveLength(1);
  const logs = await project.run(['logs']);
  expect(logs.code).toBe(0);
  expect(logs.stdout).toMatch(/web-1 +\| hello/);
  expect(logs.output).toMatch(/does not support reading/);
});

test('a million lines take no more memory than one, however slowly they are read', async () => {
  const line = 'x'.repeat(99);
  const project = projectOf({
    one: 'command: echo one',
    many: `command: [sh, -c, "yes ${line} | head -n 1000000"]`,
  });
  expect((await project.run(['up', '-d'])).code).toBe(0);
  expect((await project.run(['wait', 'many'])).code).toBe(0);

  /** Bytes read and the most memory the program had, in kB; each piece costs the reader some milliseconds. */
  const read = async (service: string) => {
    const peak = path.join(project.directory, `${service}.peak`);
    const report = `process.on('exit', () => process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`;
    const program = spawn(
      underTest,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(report)}`,
        launcher,
        'logs',
        '--no-log-prefix',
        service,
      ],
      { cwd: project.directory, env: project.environment, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let bytes = 0;
    for await (const piece of program.stdout) {
      bytes += piece.length;
      pbkdf2Sync(piece.subarray(0, 8), 'slow', 4000, 32, 'sha256');
    }
    return { bytes, peak: Number(readFileSync(peak, 'utf8')) };
  };

  const [one, many] = [await read('one'), await read('many')];
  expect([one.bytes, many.bytes]).toEqual([4, 100_000_000]);
  expect(many.peak - one.peak).toBeLessThan(60_000);
});
