import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asProgram } from '../helpers/as-program.ts';
import { createProject, type Running, type TestProject } from '../helpers/project.ts';

/** The docker CLI hands signals on by closing a connection; nobody else is sent one here. */
const docker = spawnSync('docker', ['--version']).status === 0;

let project: TestProject;
let start: (words: readonly string[]) => Running;

beforeEach(() => {
  project = createProject();
  const { folder } = asProgram(project, 'docker-compose', 'config/cli-plugins');
  const PATH = `${folder}${path.delimiter}${process.env.PATH ?? ''}`;
  const environment = { PATH, DOCKER_CONFIG: path.join(project.directory, 'config') };
  start = (words) => project.startOther('docker', ['compose', ...words], { environment });
  const labels = 'labels: {dev.stack.test: as-compose}';
  const polite = `"trap 'echo bye; exit 0' TERM; echo hello; while true; do sleep 0.1; done"`;
  project.write(
    'compose.yaml',
    `services:
  polite: {image: alpine, ${labels}, command: [sh, -c, ${polite}]}
  slow: {profiles: [build], build: {${labels}, dockerfile_inline: "FROM alpine\\nRUN echo $(date) && sleep 60\\n"}}
networks: {default: {${labels}}}
`,
  );
});
afterEach(() => project.remove());

test.skipIf(!docker).each(['SIGINT', 'SIGTERM'] as const)(
  'up stops what it started after %s',
  async (signal) => {
    const up = start(['up']);
    await up.waitFor(/polite-1 {2}\| hello/);
    up.signal(signal);
    const { code, stdout, stderr } = await up.finished;
    expect(code, stderr).toBe(130);
    expect(stdout).toBe(
      'Attaching to polite-1\npolite-1  | hello\nGracefully Stopping... press Ctrl+C again to force\npolite-1  | bye\npolite-1 exited with code 0\n',
    );
    expect(stderr).toContain(` Container ${project.name}-polite-1  Stopped\n`);
  },
);

test.skipIf(!docker)('logs that are followed end at once', async () => {
  expect((await start(['up', '-d']).finished).code).toBe(0);
  const logs = start(['logs', '-f']);
  await logs.waitFor(/hello/);
  logs.signal('SIGINT');
  expect((await logs.finished).code).toBe(130);
});

test.skipIf(!docker)('logs that are followed tell how a container ended, after what it wrote', async () => {
  expect((await start(['up', '-d']).finished).code).toBe(0);
  const logs = start(['logs', '-f']);
  await logs.waitFor(/hello/);
  expect((await start(['stop']).finished).code).toBe(0);
  const { code, stdout } = await logs.finished;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'polite-1  | hello\npolite-1  | bye\npolite-1 exited with code 0\n',
  });
});

test.skipIf(!docker)('a build that is cancelled says so', async () => {
  const build = start(['build', '--no-cache', 'slow']);
  await build.waitFor(/RUN echo/);
  build.signal('SIGINT');
  const { code, stdout } = await build.finished;
  expect({ code, stdout }).toMatchObject({ code: 130, stdout: expect.stringContaining('CANCELED') });
});
