import { afterEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const all = `init: true, stop_grace_period: 0s, labels: [${testLabel}=1]`;
const box = `image: busybox, ${all}`;
const serve = 'mkdir -p /www; echo fine > /www/health; exec httpd -f -p 80 -h /www';

/** Says when it is ready by a file that it makes at the same time, so that nobody has to measure time. */
const service = (name: string, then: string, ready: string, more = ''): string =>
  `  ${name}: { ${box}, command: [sh, -c, "sleep 1; ${then}"], x-stack: { ready: ${ready} }${more} }\n`;

/** Fails if what it waits for is not ready. */
const client = (name: string, check: string, more = ''): string =>
  `  ${name}-client: { ${box}, command: [sh, -c, "${check}"], depends_on: { ${name}: { condition: service_healthy } }${more} }\n`;

const asked = (name: string): string => `wget -qO- http://${name}/health | grep fine`;

test('a service without a healthcheck is ready when its file says so, however that is found out', async () => {
  project = createProject({
    file: `services:
${service('tcp', serve, '{ tcp: 80 }')}
${client('tcp', asked('tcp'))}
${service('http', serve, '{ http: /health, port: 80, status: 200 }')}
${client('http', asked('http'))}
${service('log', `(${serve}) & until wget -qO /dev/null http://127.0.0.1/health; do :; done; echo it is ready to serve; wait`, '{ log: ready to serve }')}
${client('log', asked('log'))}
${service('exec', 'touch /ready; sleep infinity', '{ exec: test -e /ready }')}
${service('exec-list', 'touch /ready; sleep infinity', '{ exec: [test, -e, /ready] }')}
${service('inside', serve, '{ http: /health, port: 80 }', ', network_mode: none')}
${service('inside-tcp', serve, '{ tcp: 80 }', ', network_mode: none')}
  scratch:
    build: { dockerfile_inline: "FROM scratch\\nCOPY --from=busybox /bin/busybox /httpd\\nCMD [\\"/httpd\\", \\"-f\\", \\"-p\\", \\"80\\"]\\n", labels: { ${testLabel}: "1" } }
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    x-stack: { ready: { tcp: 80 } }
`,
  });
  const { code, output } = await project.run(['up', '-d', '--wait']);
  expect(code, output).toBe(0);
  const clients = ['tcp-client', 'http-client', 'log-client'];
  // They count as started while they still wait for their answer.
  const logs = async () => (await project?.run(['logs', '--no-log-prefix', ...clients]))?.stdout;
  await expect.poll(logs).toBe('fine\n'.repeat(3));
  // What runs is looked at again: it may have changed.
  const again = await project.run(['up', '-d', '--wait']);
  expect(again.code, again.output).toBe(0);
  // Starting waits, too, and so does what is run once.
  await project.run(['stop', '--timeout', '0']);
  const started = await project.run(['start', 'tcp-client']);
  expect(started.code, started.output).toBe(0);
  const once = await project.run(['run', '--rm', '-T', 'http-client']);
  expect(once.output).toContain('fine');
});

test('what does not become ready fails with the reason; nothing that waits for it is started', async () => {
  project = createProject({
    file: `services:
${service('late', 'sleep infinity', '{ tcp: 80, timeout: 10s }')}
${client('late', 'true')}
${service('wrong', serve, '{ http: /other, port: 80, status: 200, timeout: 20s }')}
${client('wrong', 'true')}
${service('often', 'sleep infinity', '{ exec: [sh, -c, "echo not yet; exit 3"], retries: 2 }')}
${client('often', 'true')}
${service('silent', 'echo other; sleep infinity', '{ log: ready to serve, timeout: 2s }')}
${client('silent', 'true')}
`,
  });
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain('late was not ready within 10s: nothing listens on port 80');
  expect(output).toContain('wrong was not ready within 20s: /other answered 404');
  expect(output).toContain('often was not ready at 2 looks: not yet');
  expect(output).toContain('silent was not ready within 2s: no line had `ready to serve` in it');
  expect(output).toMatch(/stack\.yaml:\d+:\d+/);
});

test('who waits for the health of a service that says nothing of it is told what to write', async () => {
  project = createProject({
    file: `services:\n  db: { image: "redis:7", labels: [${testLabel}=1] }\n${client('db', 'true')}`,
  });
  const { code, output } = await project.run(['up', '-d']);
  expect(code).toBe(1);
  expect(output).toContain('db is waited for until it is healthy, but it has no healthcheck');
  expect(output).toContain('x-stack: { ready: { tcp: 6379 } }');
  project.write(
    'stack.yaml',
    `services:\n  db: { image: "redis:7", labels: [${testLabel}=1], x-stack: { ready: { tcp: 6379 } } }\n${client('db', 'true')}`,
  );
  expect((await project.run(['up', '-d'])).code).toBe(0);
});
