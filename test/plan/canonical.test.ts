import { expect, test } from 'vitest';
import type { Stack } from '../../src/model/stack.ts';
import {
  canonicalNetwork,
  canonicalService,
  canonicalStack,
  canonicalVolume,
} from '../../src/plan/canonical.ts';
import { compareBytes, compareInYaml } from '../../src/plan/printing.ts';

test('keys come in the order of Docker Compose, maps are sorted, empty values are left out', () => {
  const printed = canonicalService({
    working_dir: '',
    image: 'a',
    ports: [{ protocol: 'tcp', target: 80, mode: 'ingress' }],
    init: false,
    tty: false,
    shm_size: 1024,
    environment: { b: null, a: '' },
    labels: {},
    healthcheck: {},
    networks: { n: null, m: {} },
    depends_on: { z: { required: false, condition: 'service_healthy', restart: false } },
  });
  expect(JSON.stringify(printed)).toBe(
    '{"command":null,"depends_on":{"z":{"condition":"service_healthy","required":false}},"entrypoint":null,' +
      '"environment":{"a":"","b":null},"healthcheck":{},"image":"a","init":false,"networks":{"m":{},"n":null},' +
      '"ports":[{"mode":"ingress","target":80,"protocol":"tcp"}],"shm_size":"1024"}',
  );
});

test('networks always have ipam, volumes nothing that is not written', () => {
  expect(JSON.stringify(canonicalNetwork({ labels: {}, enable_ipv6: false, name: 'p_n' }))).toBe(
    '{"name":"p_n","ipam":{},"enable_ipv6":false}',
  );
  expect(JSON.stringify(canonicalVolume({ external: true, name: 'v' }))).toBe('{"name":"v","external":true}');
});

test('x- keys of the stack are always printed, those inside only on request', () => {
  const stack: Omit<Stack, 'origins'> = {
    name: 'p',
    directory: '/p',
    files: [],
    environmentFiles: [],
    services: { b: { image: 'b', 'x-b': { z: 1, a: [2] } }, a: { image: 'a' } },
    disabledServices: [],
    networks: {},
    volumes: {},
    configs: {},
    secrets: {},
    models: {},
    extensions: { 'x-top': 1 },
  };
  expect(JSON.stringify(canonicalStack(stack))).toBe(
    '{"name":"p","services":{"a":{"command":null,"entrypoint":null,"image":"a"},' +
      '"b":{"command":null,"entrypoint":null,"image":"b"}},"x-top":1}',
  );
  expect(canonicalStack(stack, { yaml: true }).services).toMatchObject({
    b: { 'x-b': { a: [2], z: 1 } },
  });
});

test('keys are in the order of Docker Compose: bytes in JSON, numbers by their size in YAML', () => {
  const keys = [
    '_A',
    'A',
    'A1B',
    'A1_',
    'A10B',
    'a',
    'a-b',
    'a_b',
    'a1',
    'a2',
    'a02',
    'a10',
    'aB',
    'n10a',
    'n100',
    'n1001',
  ];
  expect(keys.toReversed().toSorted(compareInYaml)).toEqual(keys);
  expect(['a02', 'a1', 'aB', '_'].toSorted(compareBytes)).toEqual(['_', 'a02', 'a1', 'aB']);
});
