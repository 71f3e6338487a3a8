import { expect, test } from 'vitest';
import { EngineRefusal } from '../../src/docker/api.ts';
import { explain } from '../../src/docker/explain.ts';
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

const connections: [string, string, object][] = [
  ['ENOENT', 'connect ENOENT /run/docker.sock', { code: 'engine-unreachable' }],
  ['ECONNREFUSED', 'connect ECONNREFUSED', { code: 'engine-unreachable' }],
  ['EACCES', 'connect EACCES', { code: 'engine-unreachable', hint: expect.stringContaining('usermod') }],
  ['ECONNRESET', 'socket hang up', { code: 'engine-gone' }],
  ['', 'something else', { code: 'internal' }],
];

test.each(connections)('a connection that fails with %s', (code, message, expected) => {
  const { problems } = explain(Object.assign(new Error(message), { code }), endpoint);
  expect(problems).toEqual([expect.objectContaining(expected)]);
  if (code !== '') expect(problems[0]?.message).toContain('unix:///run/docker.sock (DOCKER_HOST)');
});
