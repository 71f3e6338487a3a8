import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { createProbeCount, healthProbed, newProbes } from '../../src/docker/probes.ts';

type Inspected = Docker.ContainerInspectInfo;

function inspected(seconds: number, probes: readonly number[] = [], Env: readonly string[] = []): Inspected {
  const time = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  const Log = probes.map((second) => ({ Start: time(second), End: time(second), ExitCode: 1, Output: 'no' }));
  return {
    Id: 'x',
    Config: {
      Env,
      Labels: { 'com.docker.compose.service': 'db', 'com.docker.compose.container-number': '2' },
    },
    State: { StartedAt: time(seconds), Health: { Status: 'starting', FailingStreak: 0, Log } },
  } as unknown as Inspected;
}

test('the runs of a healthcheck are counted together, anew for each run of the container', () => {
  const probes = createProbeCount();
  const first = inspected(1);
  expect([probes.numberOf(first), probes.numberOf(first, 'a'), probes.numberOf(first)]).toEqual([1, 2, 3]);
  expect(probes.numberOf(first, 'a')).toBe(2);
  expect(probes.numberOf(inspected(9))).toBe(1);
  // Someone who has not noticed yet that it was started again.
  expect(probes.numberOf(first)).toBe(2);
  probes.forget('x');
  expect(probes.numberOf(first)).toBe(1);
});

test('of runs that no one has seen the last is told, of later ones all', () => {
  const probes = createProbeCount();
  const seen = newProbes(inspected(5, [3, 6, 7]), undefined, probes);
  expect(seen.told.map(({ probe }) => probe)).toEqual([2]);
  const later = newProbes(inspected(5, [6, 7, 8, 9]), seen.last, probes);
  expect(later.told.map(({ probe }) => probe)).toEqual([3, 4]);
  expect(newProbes(inspected(5, [6, 7, 8, 9]), later.last, probes).told).toEqual([]);
  // Someone else looks for the first time.
  expect(newProbes(inspected(5, [8, 9]), undefined, probes).told.map(({ probe }) => probe)).toEqual([4]);
});

const runc = 'OCI runtime exec failed: exec failed: unable to start container process: ';

test.each([
  [0, '', ''],
  [0, 'PONG\n', 'PONG'],
  [3, ' \n', 'exit code 3'],
  [1, 'connecting\r\n  refused \r\n\n', 'refused'],
  [1, 'login as root with hunter2x9 failed', 'login as root with ******** failed'],
  [1, 'redis://me:word@db refused', 'redis://me:********@db refused'],
  [
    -1,
    `${runc}exec: "curl": executable file not found in $PATH: unknown`,
    'exec: "curl": executable file not found in $PATH',
  ],
  [1, 'x'.repeat(999), 'x'.repeat(200)],
])('a test that ends with %i and %j', (exitCode, output, said) => {
  const probed = healthProbed(inspected(1, [], ['DB_PASSWORD=hunter2x9', 'USER=root']), 7, {
    exitCode,
    output,
  });
  expect(probed).toEqual({
    type: 'health-probed',
    service: 'db',
    number: 2,
    id: 'x',
    probe: 7,
    passed: exitCode === 0,
    said,
  });
});
