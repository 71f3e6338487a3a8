import { expect, it } from 'vitest';
import { resourcesOf } from '../../src/docker/resources.ts';
import type { Service } from '../../src/model/stack.ts';

it.each<[string, Service, Record<string, unknown>]>([
  [
    'the limits of deploy count before those of the service',
    {
      cpus: 2,
      mem_limit: 1,
      mem_reservation: 2,
      pids_limit: 3,
      deploy: {
        resources: { limits: { cpus: 0.25, memory: 10, pids: 30 }, reservations: { memory: 5 } },
      },
    },
    { NanoCpus: 250_000_000, Memory: 10, MemoryReservation: 5, PidsLimit: 30 },
  ],
  [
    'the limits of the service count without them',
    { cpus: 1.5, mem_limit: 1, memswap_limit: -1, pids_limit: 0 },
    { NanoCpus: 1_500_000_000, Memory: 1, MemorySwap: -1 },
  ],
  ['a percentage in hundredths', { cpu_percent: 2.5 }, { CpuPercent: 250 }],
  [
    'one limit of processes stands for both',
    { ulimits: { nproc: 5, nofile: { soft: 1, hard: 2 } } },
    {
      Ulimits: [
        { Name: 'nproc', Soft: 5, Hard: 5 },
        { Name: 'nofile', Soft: 1, Hard: 2 },
      ],
    },
  ],
  [
    'devices of the host, and those that a description names',
    {
      devices: [
        { source: '/dev/a', target: '/dev/b', permissions: 'r' },
        { source: 'vendor.com/net=nic0', target: 'vendor.com/net=nic0', permissions: 'rwm' },
      ],
    },
    {
      Devices: [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' }],
      DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/net=nic0'] }],
    },
  ],
  [
    'graphics cards, with the capability that stands for them',
    {
      gpus: [{ count: -1 }],
      deploy: {
        resources: { reservations: { devices: [{ capabilities: ['tpu'], device_ids: ['1'], driver: 'x' }] } },
      },
    },
    {
      DeviceRequests: [
        { Driver: 'x', DeviceIDs: ['1'], Capabilities: [['tpu']] },
        { Count: -1, Capabilities: [['gpu']] },
      ],
    },
  ],
  [
    'weights and rates of disks',
    {
      blkio_config: {
        weight: 300,
        weight_device: [{ path: '/dev/a', weight: 400 }],
        device_read_bps: [{ path: '/dev/a', rate: 1024 }],
      },
    },
    {
      BlkioWeight: 300,
      BlkioWeightDevice: [{ Path: '/dev/a', Weight: 400 }],
      BlkioDeviceReadBps: [{ Path: '/dev/a', Rate: 1024 }],
    },
  ],
])('gives the engine %s', (_, service, expected) => {
  const given = Object.entries(resourcesOf(service)).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  expect(Object.fromEntries(given)).toEqual(expected);
});
