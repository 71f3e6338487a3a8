import { expect, test } from 'vitest';
import { EngineRefusal } from '../../src/docker/api.ts';
import { explain } from '../../src/docker/explain.ts';
import { SshFailure } from '../../src/docker/ssh.ts';
import type { Action } from '../../src/model/plan.ts';

const endpoint = { url: 'unix:///run/docker.sock', from: 'DOCKER_HOST' };
const start: Action = {
  kind: 'start-container',
  container: { service: 'web', number: 1, name: 'shop-web-1' },
};
const push: Action = { kind: 'push-image', service: 'web', image: 'team/web:1' };
const pull: Action = { kind: 'pull-image', service: 'web', image: 'team/web:1' };

/** Messages as Engine 28.5 and 20.10 wrote them. */
const refusals: [string, Action, object][] = [
  [
    'failed to set up container networking: driver failed programming external connectivity on endpoint shop-web-1 (11508): Bind for 127.0.0.1:18999 failed: port is already allocated',
    start,
    {
      code: 'port-in-use',
      message: 'port 127.0.0.1:18999 is in use',
      path: 'services.web.ports',
      service: 'web',
    },
  ],
  [
    'failed to set up container networking: driver failed programming external connectivity on endpoint shop-web-1 (0896): failed to bind host port for 0.0.0.0:18998:10.48.0.3:80/tcp: address already in use',
    start,
    { code: 'port-in-use', message: 'port 0.0.0.0:18998 is in use' },
  ],
  [
    'driver failed programming external connectivity on endpoint shop-web-1 (5aa1): Error starting userland proxy: listen tcp4 127.0.0.1:8000: bind: address already in use',
    start,
    { code: 'port-in-use', message: 'port 127.0.0.1:8000 is in use' },
  ],
  [
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH',
    start,
    {
      code: 'command-not-found',
      message: 'web cannot start: there is no nosuch in the image',
      path: 'services.web.command',
    },
  ],
  [
    'failed to create task for container: OCI runtime create failed: runc create failed: unable to start container process: exec: "/etc/passwd": permission denied',
    start,
    {
      code: 'command-not-executable',
      message: 'web cannot start: /etc/passwd may not be executed',
      path: 'services.web.command',
    },
  ],
  [
    'failed to create task for container: OCI runtime create failed: runc create failed: unable to start container process: exec /usr/bin/app: exec format error',
    start,
    { code: 'wrong-processor', path: 'services.web.image' },
  ],
  [
    'invalid mount config for type "bind": bind source path does not exist: /nope/x',
    { ...start, kind: 'start-container' },
    {
      code: 'bind-source-missing',
      message: '/nope/x is to be mounted but does not exist',
      path: 'services.web.volumes',
    },
  ],
  [
    'Conflict. The container name "/shop-web-1" is already in use by container "685c138b220e". You have to remove (or rename) that container to be able to reuse that name.',
    start,
    { code: 'name-in-use', hint: 'remove it with: docker rm -f shop-web-1' },
  ],
  [
    'Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.1:53: no such host',
    pull,
    { code: 'registry-unreachable', path: 'services.web.image' },
  ],
  [
    "pull access denied for team/web, repository does not exist or may require 'docker login'",
    pull,
    { code: 'image-not-found', message: 'image team/web:1 cannot be found' },
  ],
  [
    'something new\nwith details',
    start,
    { code: 'engine-refused', message: 'the engine refused: something new' },
  ],
  [
    'An image does not exist locally with the tag: team/web',
    push,
    { code: 'image-not-found', hint: 'build it first: stack build web', path: 'services.web.image' },
  ],
  [
    'denied: requested access to the resource is denied',
    push,
    { code: 'registry-refused', message: 'the registry does not let you push image team/web:1' },
  ],
  [
    'push access denied, repository does not exist or may require authorization',
    push,
    { code: 'registry-refused' },
  ],
  [
    'Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    push,
    { code: 'registry-unreachable', message: 'the registry of image team/web:1 cannot be reached' },
  ],
];

test.each(refusals)('%s', (said, action, expected) => {
  const { problems } = explain(new EngineRefusal(500, said), endpoint, action);
  expect(problems).toEqual([expect.objectContaining({ ...expected, severity: 'error', cause: said })]);
});

const socket = 'unix:///run/docker.sock (DOCKER_HOST)';
const connections: [string, string, object][] = [
  ['ENOENT', 'connect ENOENT', { message: `no Docker Engine answers at ${socket}: there is no such socket` }],
  [
    'ECONNREFUSED',
    'connect ECONNREFUSED',
    {
      message: `no Docker Engine answers at ${socket}: its socket is there, but it does not run`,
      hint: expect.stringContaining('sudo systemctl start docker'),
    },
  ],
  ['EACCES', 'connect EACCES', { hint: expect.stringContaining('usermod') }],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND', { message: expect.stringMatching(/no host has this name$/) }],
  ['ETIMEDOUT', 'connect ETIMEDOUT', { message: `no Docker Engine answers at ${socket}` }],
  ['HPE_INVALID_CONSTANT', 'Parse Error', { message: expect.stringMatching(/does not speak HTTP$/) }],
  ['CERT_HAS_EXPIRED', 'certificate has expired', { message: expect.stringMatching(/has expired$/) }],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Host: a. is not in',
    { message: expect.stringMatching(/for another name$/) },
  ],
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'alert 116',
    { message: expect.stringMatching(/does not accept your certificate$/) },
  ],
  ['EPROTO', 'wrong version number', { message: expect.stringMatching(/does not speak TLS$/) }],
];

test.each(connections)('a connection that fails with %s', (code, message, expected) => {
  const { problems } = explain(Object.assign(new Error(message), { code }), endpoint);
  expect(problems).toEqual([expect.objectContaining({ code: 'engine-unreachable', ...expected })]);
  expect(problems[0]?.message).toContain(socket);
});

test('a connection that breaks is told as an engine that went away, and other errors as what they are', () => {
  const broken = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  expect(explain(broken, endpoint).problems).toEqual([expect.objectContaining({ code: 'engine-gone' })]);
  const other = explain(new Error('something else'), endpoint);
  expect(other.problems).toEqual([expect.objectContaining({ code: 'internal' })]);
});

test.each([
  ['unix:///home/me/.colima/work/docker.sock', 'colima start work'],
  ['unix:///home/me/.orbstack/run/docker.sock', 'orb start'],
  ['unix:///home/me/.docker/run/docker.sock', 'start Docker Desktop'],
  ['unix:///home/me/.rd/docker.sock', 'start Rancher Desktop'],
  ['unix:///run/podman/podman.sock', 'systemctl start podman.socket'],
  ['tcp://build.local:2375', 'start Docker, or'],
])('at %s, what to start is said', (url, hint) => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(explain(refused, { url, from: 'test' }).problems[0]?.hint).toContain(hint);
});

const ssh: [said: string, exitCode: number | undefined, why: string, hint: string][] = [
  ['Host key verification failed.', 255, 'its host key is not known', 'ssh -p 2222 me@build.local'],
  [
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @',
    255,
    'not the one',
    'ssh-keygen -R [build.local]:2222',
  ],
  ['me@build.local: Permission denied (publickey).', 255, 'does not let you in', 'ssh-add'],
  ['ssh: Could not resolve hostname build.local', 255, 'no host has this name', '~/.ssh/config'],
  ['ssh: connect to host build.local port 2222: Connection timed out', 255, 'no ssh server', 'true'],
  ['bash: line 1: docker: command not found', 127, 'no docker program', 'install the docker CLI on'],
  ['dial unix /var/run/docker.sock: connect: permission denied', 1, 'may not use', 'usermod'],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', 1, 'no engine runs', 'systemctl'],
  ['the moon is in the way', 3, 'ssh ended with 3', 'ssh -p 2222 me@build.local docker version'],
  ['spawn ssh ENOENT', undefined, 'cannot be started here', 'install the OpenSSH client'],
];

test.each(ssh)('ssh that says: %s', (said, exitCode, why, hint) => {
  const remote = { url: 'ssh://me@build.local:2222', from: '--host' };
  const { problems } = explain(new SshFailure(exitCode, `${said}\n`, false), remote);
  expect(problems).toEqual([
    expect.objectContaining({
      code: 'engine-unreachable',
      message: expect.stringContaining(why),
      hint: expect.stringContaining(hint),
      cause: said,
    }),
  ]);
  expect(problems[0]?.message).toContain('ssh://me@build.local:2222 (--host)');
});
