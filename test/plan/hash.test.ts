import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import type { Service } from '../../src/model/stack.ts';
import { hashedText, networkHash, serviceHash, volumeHash } from '../../src/plan/hash.ts';

test('hashes are the labels that Docker Compose 2.40.3 gave its objects', async () => {
  const directory = path.resolve('test/load/data');
  const { stack } = await loadStack({
    directory,
    files: ['hash.yaml'],
    profiles: [],
    services: [],
    environment: { HOME: '/root' },
  });
  const hashes = <Part>(parts: Readonly<Record<string, Part>>, hash: (part: Part) => string) =>
    Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, hash(part)]));
  expect({
    service: hashes(stack.services, serviceHash),
    network: hashes(stack.networks, networkHash),
    volume: hashes(stack.volumes, volumeHash),
  }).toEqual(JSON.parse(readFileSync(path.join(directory, 'hash.json'), 'utf8')));
});

test('files of labels count besides the labels that are in them', () => {
  // What `up` of Docker Compose 2.40.3 gave a container whose `label_file` has `a=1`.
  const service: Service = {
    image: 'busybox',
    command: ['sleep', '300'],
    labels: { a: '1' },
    label_file: ['/srv/l.lab'],
    networks: { default: null },
  };
  expect(hashedText(service)).toBe(
    '{"command":["sleep","300"],"entrypoint":null,"image":"busybox","labels":{"a":"1"},"label_file":["/srv/l.lab"],"networks":{"default":null}}',
  );
});

test('the hash covers what a container is made of, and nothing else', () => {
  const service: Service = { image: 'a', environment: { B: '1', A: '2' } };
  const same: Service = {
    environment: { A: '2', B: '1' },
    image: 'a',
    build: { context: '/x' },
    depends_on: { b: { condition: 'service_started', required: true } },
    profiles: ['p'],
    pull_policy: 'always',
    'x-note': 'not of the engine',
    tty: false,
    dns: [],
  };
  expect(serviceHash(same)).toBe(serviceHash(service));
  for (const change of [{ environment: { A: '2' } }, { labels: { a: '' } }, { tty: true }, { command: [] }]) {
    expect(serviceHash({ ...service, ...change })).not.toBe(serviceHash(service));
  }
});
