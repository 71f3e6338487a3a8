import { expect, test } from 'vitest';
import { clashes, type EngineMachine, type Neighbours } from '../../src/model/neighbours.ts';
import { countFree, overlap } from '../../src/model/subnets.ts';
import {
  findHindrances,
  hasNewcomers,
  needsNeighbours,
  needsOf,
  relevant,
} from '../../src/plan/preflight.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, runningState, stackOf } from '../helpers/stack.ts';

const machine: EngineMachine = { isPodman: false, processors: 2, memory: 4e9, architecture: 'amd64' };
const alone: Neighbours = { containers: [], taken: [], free: new Map(), machine };

function told(stack = stackOf({}), observed = nothing, neighbours: Partial<Neighbours> = {}) {
  const needs = needsOf(stack, [planUp(stack, observed, {})]);
  const found = findHindrances(stack, needs, observed, { ...alone, ...neighbours }, () => undefined);
  return found.map(({ code, severity, path = '' }) => `${severity} ${code} ${path}`);
}

test('a stack that is up needs nothing', () => {
  const stack = stackOf({
    web: { image: 'web', ports: [{ target: 80, published: '8000', protocol: 'tcp' }] },
  });
  expect(needsNeighbours(needsOf(stack, [planUp(stack, runningState(stack), {})]))).toBe(false);
});

test('a file matters to what is made of it, not to what runs', () => {
  const at = (source: string) => [{ source }];
  const stack = stackOf({
    web: { image: 'web', secrets: at('key') },
    api: { image: 'api', configs: at('settings'), build: { context: '/api', secrets: at('token') } },
    db: { image: 'db', secrets: at('password') },
  });
  const running = runningState(stack);
  const observed = {
    ...running,
    images: { db: { id: 'sha256:db', labels: {}, volumes: [] } },
    containers: running.containers.filter(({ service }) => service === 'db'),
  };
  const missing = ['secrets.key', 'secrets.token', 'secrets.password', 'configs.settings'].map((path) => {
    return { code: 'missing-file', severity: 'error', message: '', path: `${path}.file` } as const;
  });
  const needs = needsOf(stack, [planUp(stack, observed, {})]);
  const pathsFor = (isHere: boolean) => relevant(missing, stack, needs, isHere).map(({ path }) => path);
  expect(pathsFor(true)).toEqual(['secrets.key.file', 'secrets.token.file', 'configs.settings.file']);
  expect(pathsFor(false)).toEqual([]);
});

test('what may work all the same is a warning', () => {
  const port = { target: 80, published: '8000', protocol: 'tcp' };
  const stack = stackOf({
    web: { image: 'web', ports: [port], mem_limit: 5e9 },
    job: { image: 'job', platform: 'linux/arm64' },
  });
  const image = { id: 'sha256:1', labels: {}, volumes: [], architecture: 'arm64' };
  const observed = { ...nothing, images: { web: image, job: image } };
  const neighbours = {
    taken: [{ port: { hostIp: '', port: 8000, protocol: 'tcp' }, isCertain: false }],
    machine: { ...machine, clockAhead: -600 },
  };
  expect(told(stack, observed, neighbours)).toEqual([
    'warning port-in-use services.web.ports[0]',
    'warning memory-short ',
    'warning wrong-processor services.web.image',
    'warning clock-wrong ',
  ]);
});

test('images that are to be made need room', () => {
  const disk = { folder: '/var/lib/docker', free: 5e8, size: 1e10 };
  const stack = stackOf({ web: { image: 'web' } });
  expect(told(stack, nothing, { machine: { ...machine, disk } })).toEqual(['warning disk-short ']);
});

test('a network takes a subnet that is left, or one that reaches nothing else', () => {
  const subnets = ['172.17.0.0/16', '172.18.0.0/15', '172.20.0.0/14', '172.24.0.0/13', '192.168.0.0/16'];
  const observed = { ...nothing, subnets: subnets.map((subnet) => ({ network: 'other', subnet })) };
  const web = { image: 'web', platform: 'linux/amd64' };
  expect(told(stackOf({ web }), observed)).toEqual(['warning no-subnet-left networks.default']);
  expect(told(stackOf({ web }), { ...observed, subnets: observed.subnets.slice(1) })).toEqual([]);
  const ipam = { config: [{ subnet: '10.8.1.0/24' }] };
  const own = stackOf({ web }, { networks: { default: { name: 'shop_default', ipam } } });
  const routes = [{ subnet: '10.8.0.0/16', device: 'tun0' }];
  expect(told(own, observed, { machine: { ...machine, routes } })).toEqual([
    'warning subnet-in-use networks.default.ipam.config[0].subnet',
  ]);
});

test('subnets overlap where one is part of the other', () => {
  expect(overlap('10.0.0.0/8', '10.200.0.0/24')).toBe(true);
  expect(overlap('10.0.1.0/24', '10.0.2.0/24')).toBe(false);
  expect(overlap('128.0.0.0/1', '200.1.1.0/24')).toBe(true);
  expect(overlap('fd00::/8', 'fd00::/8')).toBe(false);
  expect(countFree({ base: '10.0.0.0/22', size: 24 }, ['10.0.1.0/24', '10.0.2.128/25'], 9)).toBe(2);
  expect(countFree({ base: '10.0.0.0/8', size: 30 }, [], 3)).toBe(3);
});

test('a port that nobody else can have is not refused', () => {
  const at = (hostIp: string, protocol = 'tcp') => ({ hostIp, port: 80, protocol });
  expect(clashes(at(''), at('::1'))).toBe(true);
  expect(clashes(at('0.0.0.0'), at('127.0.0.1'))).toBe(true);
  expect(clashes(at('127.0.0.1'), at('127.0.0.2'))).toBe(false);
  expect(clashes(at('0.0.0.0'), at('::'))).toBe(false);
  expect(clashes(at('', 'udp'), at(''))).toBe(false);
  const taken = [{ port: { hostIp: '', port: 8000, protocol: 'tcp' }, isCertain: true }];
  const ports = [{ target: 80, published: '8000', protocol: 'tcp' }];
  const web = { image: 'web', platform: 'linux/amd64', ports };
  expect(told(stackOf({ web }), nothing, { taken })).toEqual(['error port-in-use services.web.ports[0]']);
  const onHost = { ...web, network_mode: 'host', networks: {} };
  expect(told(stackOf({ web: onHost }), nothing, { taken })).toEqual([]);
});

test('a container of the project that has come since is known from one that others have', () => {
  const stack = stackOf({ web: { image: 'web' } });
  const running = runningState(stack);
  const needs = needsOf(stack, [planUp(stack, nothing, {})]);
  const came = (project: string, name = 'shop-web-1') => {
    const containers = [{ id: 'other', name, project, ports: [] }];
    return hasNewcomers(stack, needs, nothing, { ...alone, containers });
  };
  expect(came('shop')).toBe(true);
  expect(came('other')).toBe(false);
  expect(came('shop', 'shop-web-2')).toBe(false);
  const own = running.containers.map(({ id, name }) => ({ id, name, project: 'shop', ports: [] }));
  expect(hasNewcomers(stack, needs, running, { ...alone, containers: own })).toBe(false);
});
