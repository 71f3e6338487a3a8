import { expect, test } from 'vitest';
import { addressesOf } from '../../src/report/addresses.ts';
import { shownPath } from '../../src/report/paths.ts';
import {
  describeExit,
  formatBytes,
  formatDuration,
  formatElapsed,
  serviceStyle,
} from '../../src/report/words.ts';

test.each([
  [40, '40ms'],
  [400, '0.4s'],
  [12_340, '12.3s'],
  [59_960, '1m 00s'],
  [125_000, '2m 05s'],
  [3_720_000, '1h 02m'],
  [-5, '0ms'],
])('%i ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('what still goes on is told in whole seconds', () => {
  expect([0, 999, 1000, 61_000].map(formatElapsed)).toEqual(['0s', '0s', '1s', '1m 01s']);
});

test('bytes are told in the largest unit', () => {
  expect([0, 999, 1000, 1_500_000, 999_950, 2.5e10].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 MB',
    '1.0 MB',
    '25.0 GB',
  ]);
});

test('exit codes are told in words where they have a meaning', () => {
  expect(describeExit(1)).toBe('exit 1');
  expect(describeExit(127)).toBe('exit 127: command not found');
  expect(describeExit(137, true)).toBe('out of memory');
});

test('services take turns with colours', () => {
  expect([0, 1, 7].map(serviceStyle)).toEqual(['cyan', 'yellow', 'cyan']);
});

test('paths inside the directory are relative to it', () => {
  expect(shownPath('/a/b/c.yaml', '/a/b')).toBe('c.yaml');
  expect(shownPath('/a/bc/c.yaml', '/a/b')).toBe('/a/bc/c.yaml');
  expect(shownPath('/a', '/')).toBe('a');
});

test('ports become addresses one can click on or type', () => {
  const port = (hostIp: string, hostPort: number, containerPort: number, protocol = 'tcp') => ({
    hostIp,
    hostPort,
    containerPort,
    protocol,
  });
  const texts = (...ports: readonly ReturnType<typeof port>[]) => addressesOf(ports).map(({ text }) => text);
  expect(texts(port('0.0.0.0', 8080, 80), port('::', 8080, 80))).toEqual(['http://localhost:8080']);
  expect(texts(port('127.0.0.1', 15432, 5432), port('::1', 8443, 443))).toEqual([
    'https://[::1]:8443',
    '127.0.0.1:15432',
  ]);
  expect(texts(port('0.0.0.0', 53, 53, 'udp'))).toEqual([]);
});
