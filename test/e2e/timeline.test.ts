import { afterEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const service = (more: string) =>
  `{ image: busybox, init: true, command: sleep infinity, labels: [${testLabel}=1]${more} }`;

test('starts are kept and shown; one that had nothing to do is none', async () => {
  const own = createProject({
    file: `services:
  db: ${service(', healthcheck: { test: [CMD, sleep, "2"], interval: 1h }')}
  web: ${service(', depends_on: { db: { condition: service_healthy } }')}
`,
  });
  project = own;
  const none = await own.run(['timeline']);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain(`no start of ${own.name} has been recorded`);

  expect((await own.run(['up', '-d'])).code).toBe(0);
  expect((await own.run(['up', '-d'])).code).toBe(0);
  const shown = await own.run(['timeline']);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(new RegExp(`^${own.name}  ready in \\d`));
  // Both held up the whole: one waited for the other.
  expect(shown.stdout).toMatch(/^! db .*─.* \d\S*s$/m);
  expect(shown.stdout).toMatch(/^! web .*█.* \d\S*s$/m);

  await own.run(['down', '-t', '0']);
  const second = own.start(['up']);
  await second.waitFor(/ready in/);
  second.signal('SIGINT');
  await second.finished;
  const all = await own.run(['timeline', '--all']);
  expect(all.stdout.trimEnd().split('\n')).toHaveLength(2);
  const told = (await own.run(['timeline', '--last', '2', '--json'])).stdout;
  expect(JSON.parse(told)).toMatchObject({
    v: 1,
    project: own.name,
    running: false,
    services: [{ service: 'db' }, { service: 'web', failed: false }],
  });
  expect(await own.run(['timeline', '--last', '3'])).toMatchObject({ code: 1, stdout: '' });
});
