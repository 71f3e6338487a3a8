import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { describeImages, listProcesses, listVolumes } from '../../src/docker/details.ts';
import { createEventHub, type EventHub } from '../../src/docker/events.ts';
import type { EngineConnection, EngineRequest } from '../../src/docker/http.ts';
import { perform } from '../../src/docker/perform.ts';
import { readProjectEvents } from '../../src/docker/project-events.ts';
import type { Action } from '../../src/model/plan.ts';
import { collect } from '../helpers/collect.ts';

const { signal } = new AbortController();

/** An engine that gives the same answers to all requests for a path, and 404 for other paths. */
function engineOf(answers: Readonly<Record<string, readonly [status: number, ...body: readonly unknown[]]>>) {
  const requests: EngineRequest[] = [];
  const http: EngineConnection = {
    upgrade: () => Promise.reject(new Error('no one is to ask for that')),
    request(request) {
      requests.push(request);
      const [status, ...body] = answers[request.path] ?? [404, { message: 'there is no such thing' }];
      const lines = body.map((value) => Buffer.from(`${JSON.stringify(value)}\n`));
      return Promise.resolve({ status, headers: {}, body: Readable.from(lines) });
    },
  };
  return { http, requests };
}

test('images with what lists show; those that are gone are left out', async () => {
  const { http } = engineOf({
    '/images/a/json': [
      200,
      {
        Id: 'sha256:a',
        Size: 7,
        Os: 'linux',
        Architecture: 'arm64',
        Variant: 'v8',
        Metadata: { LastTagTime: '2026-01-02T03:04:05.123456789Z' },
      },
    ],
    '/images/b/json': [
      200,
      {
        Id: 'sha256:b',
        Size: 8,
        Os: 'linux',
        Architecture: 'amd64',
        Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
      },
    ],
  });
  expect(await describeImages(http, ['a', 'b', 'gone'], signal)).toEqual({
    a: {
      id: 'sha256:a',
      size: 7,
      platform: 'linux/arm64/v8',
      lastTagTime: '2026-01-02T03:04:05.123456789Z',
    },
    b: { id: 'sha256:b', size: 8, platform: 'linux/amd64' },
  });
});

test('volumes of the project alone, by name; an engine without any says null', async () => {
  const volume = (name: string) => ({
    Name: name,
    Driver: 'local',
    Scope: 'local',
    Mountpoint: `/${name}`,
    Labels: null,
  });
  const { http, requests } = engineOf({ '/volumes': [200, { Volumes: [volume('b'), volume('a')] }] });
  expect((await listVolumes(http, 'shop', signal)).map(({ name, labels }) => [name, labels])).toEqual([
    ['a', {}],
    ['b', {}],
  ]);
  expect(requests[0]?.query?.filters).toBe('{"label":["com.docker.compose.project=shop"]}');
  expect(await listVolumes(engineOf({ '/volumes': [200, { Volumes: null }] }).http, 'shop', signal)).toEqual(
    [],
  );
});

test('a container that has ended meanwhile has no processes; another refusal is told', async () => {
  const { http } = engineOf({
    '/containers/a/top': [200, { Titles: ['PID'], Processes: [['1']] }],
    '/containers/b/top': [409, { message: 'container b is not running' }],
    '/containers/c/top': [500, { message: 'broken' }],
  });
  expect(await listProcesses(http, 'a', signal)).toEqual({ titles: ['PID'], processes: [['1']] });
  expect(await listProcesses(http, 'b', signal)).toBeUndefined();
  expect(await listProcesses(http, 'gone', signal)).toBeUndefined();
  await expect(listProcesses(http, 'c', signal)).rejects.toThrow('broken');
});

test('events of one-off containers and labels of Docker Compose are left out', async () => {
  const event = (id: string, oneOff: string) => ({
    Action: 'start',
    time: 5,
    timeNano: 5_000_001_000,
    Actor: {
      ID: id,
      Attributes: {
        name: id,
        'com.docker.compose.service': 'web',
        'com.docker.compose.oneoff': oneOff,
        mine: 'x',
      },
    },
  });
  const { http, requests } = engineOf({ '/events': [200, event('a', 'False'), event('b', 'True')] });
  const { values: told, ended } = collect(readProjectEvents(http, { project: 'shop', since: '1' }, signal));
  await ended;
  expect(told).toEqual([
    { time: 5_000_001, action: 'start', id: 'a', service: 'web', attributes: { name: 'a', mine: 'x' } },
  ]);
  expect(requests[0]?.query).toMatchObject({ since: '1', until: undefined });
});

const container = { service: 'web', number: 1, name: 'shop-web-1' };

test.each<[Action, string, Record<string, string | undefined> | undefined]>([
  [{ kind: 'stop-container', container, id: 'x', timeout: 0 }, 'stop', { t: '0' }],
  [{ kind: 'stop-container', container, id: 'x' }, 'stop', {}],
  [{ kind: 'restart-container', container, id: 'x', timeout: 7 }, 'restart', { t: '7' }],
  [{ kind: 'kill-container', container, id: 'x', signal: 'HUP' }, 'kill', { signal: 'HUP' }],
  [{ kind: 'pause-container', container, id: 'x' }, 'pause', undefined],
  [{ kind: 'unpause-container', container, id: 'x' }, 'unpause', undefined],
])('%j is one call', async (action, verb, query) => {
  const { http, requests } = engineOf({ [`/containers/x/${verb}`]: [204] });
  const hub: EventHub = { ...createEventHub(http, 'shop'), subscribe: () => () => {} };
  await perform(http, hub, action, { project: 'shop', signal, progress: () => {}, contents: new Map() });
  expect(requests.map(({ method, path }) => [method, path])).toEqual([['POST', `/containers/x/${verb}`]]);
  expect(requests[0]?.query).toEqual(query);
});
