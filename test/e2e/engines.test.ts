import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { addressOf } from '../../src/docker/address.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { hasOpenssl, makeCertificates } from '../helpers/certificates.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';
import { type SshServer, sshIsMissing, startSshServer } from '../helpers/sshd.ts';

const service = `
    image: busybox
    labels: [${testLabel}=1]
    init: true
    command: [sh, -c, "while true; do echo tick; sleep 0.1; done"]`;
const file = `services:\n  a:${service}\n  b:${service}\n  c:${service}\n`;

/** Everything that goes both ways, or on and on, through whatever lies between. */
async function workThrough(project: TestProject, environment: Record<string, string>): Promise<void> {
  const run = (words: readonly string[], input?: string) =>
    project.run(words, { environment, ...(input === undefined ? {} : { input }) });
  expect(await run(['up', '-d', '--no-color'])).toMatchObject({ code: 0 });

  const events = project.start(['events', '--json', '--since', '10m'], { environment });
  const logs = project.start(['logs', '-f', '--tail', '1', 'a'], { environment });
  await logs.waitFor(/a-1 \| tick\na-1 \| tick/);
  // The end of what is typed ends only that: the answer still arrives.
  const typed = randomBytes(200_000).toString('hex');
  expect(await run(['exec', '-T', 'a', 'sh', '-c', 'cat; exit 4'], typed)).toMatchObject({
    code: 4,
    stdout: typed,
  });
  expect(await run(['run', '--rm', '-T', 'b', 'wc', '-c'], 'hello')).toMatchObject({
    code: 0,
    stdout: '5\n',
  });
  expect(await run(['restart', '-t', '0', 'c'])).toMatchObject({ code: 0 });
  await events.waitFor(/"action":"restart"/);
  for (const going of [events, logs]) {
    going.signal('SIGINT');
    await going.finished;
  }
  expect(await run(['ps', '--format', '{{.Service}} {{.State}}'])).toMatchObject({
    code: 0,
    stdout: 'a running\nb running\nc running\n',
  });
  expect(await run(['down', '-t', '0'])).toMatchObject({ code: 0 });
}

function projectOf(text: string): TestProject {
  const project = createProject({ file: text });
  onTestFinished(() => project.remove());
  return project;
}

describe.skipIf(sshIsMissing !== '')(
  `an engine behind ssh (skipped if ${sshIsMissing || 'ssh is missing'})`,
  () => {
    let server: SshServer;
    beforeAll(async () => {
      server = await startSshServer((await resolveEndpoint(process.env)).url);
    });
    afterAll(() => server.close());

    test('is worked with as if it were here, over a connection that is shared', async () => {
      const project = projectOf(file);
      const environment = { ...server.environment, DOCKER_HOST: 'ssh://host' };
      expect(await project.run(['ps'], { environment })).toMatchObject({ code: 0 });
      const before = server.logins();
      await workThrough(project, environment);
      expect(server.logins()).toBe(before);
    });

    test('tells why it is not reached', async () => {
      const project = projectOf(file);
      const told = async (host: string) =>
        (await project.run(['-H', host, 'ps'], { environment: server.environment })).stderr;
      expect(await told('ssh://stranger')).toBe(
        'error: the Docker Engine at ssh://stranger (--host) cannot be reached: its host key is not known\n' +
          '  hint: connect once by hand, and compare the key: ssh stranger\n' +
          '    Host key verification failed.\n',
      );
      expect(await told('ssh://locked')).toContain(
        'ssh does not let you in, and no password can be asked for',
      );
      expect(await told('ssh://host/no/such.sock')).toContain('no engine runs there');
    });
  },
);

describe.skipIf(!hasOpenssl)('an engine behind TLS (skipped where there is no openssl)', () => {
  let certificates: string;
  let host: string;
  let close: () => void;
  beforeAll(async () => {
    certificates = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
    makeCertificates(certificates);
    ({ host, close } = await encryptEngine(certificates));
  });
  afterAll(() => {
    close();
    rmSync(certificates, { recursive: true });
  });

  test('is worked with as if it were here', async () => {
    const environment = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates };
    await workThrough(projectOf(file), environment);
  });

  test('is found by options, and tells why it is not believed', async () => {
    const project = projectOf(file);
    const at = (name: string) => path.join(certificates, name);
    const files = ['--tlscert', at('cert.pem'), '--tlskey', at('key.pem')];
    const run = (words: readonly string[]) => project.run(['-H', host, '--tlsverify', ...words, 'ps', '-q']);
    expect(await run(['--tlscacert', at('ca.pem'), ...files])).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await run(['--tlscacert', at('cert.pem'), ...files]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `at ${host} (--host) cannot be reached over an encrypted connection: its certificate`,
    );
    expect((await run([])).stderr).toContain('--tlsverify is said, but ');
  });
});

test('an engine is found by the context in use, and who chose it is told', async () => {
  const proxy = await openEngineProxy();
  onTestFinished(() => proxy.close());
  const project = projectOf(file);
  const id = createHash('sha256').update('work').digest('hex');
  project.write(
    `docker/contexts/meta/${id}/meta.json`,
    JSON.stringify({ Name: 'work', Endpoints: { docker: { Host: proxy.host } } }),
  );
  project.write('docker/config.json', JSON.stringify({ currentContext: 'work' }));
  const environment = { DOCKER_HOST: '', DOCKER_CONFIG: path.join(project.directory, 'docker') };
  expect(await project.run(['ps', '-q'], { environment })).toMatchObject({ code: 0, stderr: '' });
  expect(await project.run(['--context', 'wrok', 'ps'], { environment })).toMatchObject({
    code: 1,
    stderr:
      'error: the Docker context wrok, named by --context, does not exist\n  hint: did you mean work?\n',
  });
  proxy.cut();
  const { code, stderr } = await project.run(['ps'], { environment });
  expect(code).toBe(1);
  expect(stderr).toContain(`${proxy.host} (context work of ${project.directory}/docker/config.json)`);
});

test('commands about containers that exist ask the engine one question', async () => {
  const proxy = await openEngineProxy();
  onTestFinished(() => proxy.close());
  const project = projectOf(file);
  const environment = { DOCKER_HOST: proxy.host };
  expect(await project.run(['ps'], { environment })).toMatchObject({ code: 0 });
  expect(proxy.requests()).toEqual([expect.stringMatching(/^GET \/containers\/json\?/)]);
});

/** Stands before the engine and speaks TLS, with those alone who have a certificate. */
async function encryptEngine(
  certificates: string,
): Promise<{ readonly host: string; readonly close: () => void }> {
  const address = addressOf(await resolveEndpoint(process.env));
  if (address === undefined) throw new Error('the engine of the tests is not connected to directly');
  const { socketPath, host = '', port = 0 } = address;
  const read = (name: string) => readFileSync(path.join(certificates, name));
  const open = new Set<Socket>();
  const server = tls.createServer(
    {
      key: read('server-key.pem'),
      cert: read('server-cert.pem'),
      ca: read('ca.pem'),
      requestCert: true,
      allowHalfOpen: true,
    },
    (client) => {
      const to = socketPath === undefined ? { host, port } : { path: socketPath };
      const engine = connect({ ...to, allowHalfOpen: true });
      for (const end of [client, engine]) {
        open.add(end);
        end.on('error', () => {});
      }
      client.on('close', () => engine.destroy());
      client.pipe(engine).pipe(client);
    },
  );
  const listening = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      resolve(typeof at === 'object' && at !== null ? at.port : 0);
    }),
  );
  return {
    host: `tcp://127.0.0.1:${listening}`,
    close() {
      for (const end of open) end.destroy();
      server.close();
    },
  };
}
