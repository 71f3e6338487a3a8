import { afterEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const all = `init: true, stop_grace_period: 0s, labels: [${testLabel}=1]`;
const file = `services:
  page: { image: busybox, ${all}, command: [sh, -c, "mkdir /www; echo hi > /www/index.html; exec httpd -f -p 80 -h /www"], ports: ["127.0.0.1::80"], x-stack: { ready: { tcp: 80 } } }
  empty: { image: busybox, ${all}, command: [httpd, -f, -p, "80", -h, /tmp], ports: ["127.0.0.1::80"], x-stack: { ready: { tcp: 80 } } }
  cache: { image: "redis:7", ${all}, ports: ["127.0.0.1::6379"], x-stack: { ready: { tcp: 6379 } } }
  late: { image: busybox, ${all}, command: [sh, -c, "until test -e /go; do sleep 0.1; done; exec httpd -f -p 80 -h /tmp"], ports: ["127.0.0.1::80"] }
  waits: { image: busybox, ${all}, command: [sleep, infinity], depends_on: { page: { condition: service_healthy }, empty: { condition: service_healthy }, cache: { condition: service_healthy } } }
`;

test('up ends with what the published ports answer; of those that do not yet it tells when they do', async () => {
  project = createProject({ file });
  const up = project.start(['up', '--no-watch']);
  await up.waitFor(/late +http:\/\/127\.0\.0\.1:\d+ not answering yet\n/);
  // Those that are ready mostly answer by then; if not, that is told a moment later.
  await up.waitFor(/page.* http:\/\/127\.0\.0\.1:\d+ 200 OK\n/);
  await up.waitFor(/empty.* http:\/\/127\.0\.0\.1:\d+ 404 Not Found\n/);
  await up.waitFor(/cache.* 127\.0\.0\.1:\d+( answers)?\n/);
  const go = await project.run(['exec', '-T', 'late', 'touch', '/go']);
  expect(go.code, go.output).toBe(0);
  await up.waitFor(/late .*answers now: http:\/\/127\.0\.0\.1:\d+ 404 Not Found/);
  up.signal('SIGINT');
  await up.finished;

  const asked = (output: string) =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'port-asked');
  // It is not waited for for long.
  const again = async () =>
    asked((await project?.run(['up', '-d', '--wait', '--json', 'page']))?.stdout ?? '');
  await expect.poll(again).toMatchObject([{ service: 'page', answers: true, status: 200, said: 'OK' }]);
});
