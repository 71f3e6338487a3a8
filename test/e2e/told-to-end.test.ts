import { afterEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

test('what a killed command had told to end is not taken for something that runs', async () => {
  const own = createProject({
    file: `
services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "trap 'echo ending; sleep 2; exit 0' TERM; echo began; while :; do sleep 0.1; done"]
`,
  });
  project = own;
  expect(await own.run(['up', '-d'])).toMatchObject({ code: 0 });
  const lines = own.start(['logs', '-f', '--no-log-prefix']);
  await lines.waitFor(/began/);
  const stopping = own.start(['stop']);
  await lines.waitFor(/ending/);
  stopping.signal('SIGKILL');
  await stopping.finished;
  const again = await own.run(['up', '-d']);
  expect([again.code, again.output]).toEqual([0, expect.not.stringContaining('nothing to do')]);
  expect((await own.run(['logs', '--no-log-prefix'])).stdout).toMatch(/began\nending\nbegan\n/);
});
