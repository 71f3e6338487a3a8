import { expect, test } from 'vitest';
import type { ObservedContainer } from '../../src/model/observed.ts';
import { type ContainersOptions, formatContainers } from '../../src/report/containers.ts';

function container(more: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: 'a'.repeat(64),
    name: 'shop-web-1',
    service: 'web',
    number: 1,
    oneOff: false,
    state: 'running',
    status: 'Up 3 minutes',
    image: 'nginx',
    imageId: 'sha256:1',
    command: 'nginx -g',
    created: 1000,
    labels: {},
    networks: [],
    mounts: [],
    ports: [],
    ...more,
  };
}

const nasty = 'a\u009B2Jb\u202Ec\u0007\nd\u2028';

function shown(containers: readonly ObservedContainer[], more: Partial<ContainersOptions> = {}): string {
  return formatContainers(containers, {
    project: 'shop',
    now: 2_000_000,
    format: 'table',
    whole: false,
    ...more,
  });
}

test('no text of the engine can do anything to the terminal but be read', () => {
  const fields = { name: nasty, image: nasty, command: nasty, service: nasty, status: nasty };
  for (const format of ['table', '{{.Name}} {{.Image}} {{.Command}} {{.Status}}']) {
    const text = shown([container(fields)], { format });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u);
    expect(text.split('\n')).toHaveLength(format === 'table' ? 3 : 2);
    expect(text).toContain('abc␊d');
  }
});

test('columns line up as in the lists of Docker, also below wide characters', () => {
  expect(shown([container({ name: '店' }), container({ name: 'web' })])).toBe(`\
NAME      IMAGE     COMMAND      SERVICE   CREATED          STATUS         PORTS
店        nginx     "nginx -g"   web       16 minutes ago   Up 3 minutes   
web       nginx     "nginx -g"   web       16 minutes ago   Up 3 minutes   
`);
  expect(shown([])).toBe('NAME      IMAGE     COMMAND   SERVICE   CREATED   STATUS    PORTS\n');
});

test('JSON says the same in characters that do no harm', () => {
  const text = shown([container({ status: nasty })], { format: 'json' });
  expect(text).toContain('a\\u009b2Jb\\u202ec\\u0007\\nd\\u2028');
  expect(JSON.parse(text)).toMatchObject({ Status: nasty });
});

test('ids, commands and mounts are cut unless all is asked for', () => {
  const long = container({
    command: 'docker-entrypoint.sh redis',
    mounts: [{ type: 'volume', name: 'ffe79d11ba09d0c2b11f', target: '/data' }],
  });
  const format = '{{.ID}} {{.Command}} {{.Mounts}} {{.LocalVolumes}}';
  expect(shown([long], { format })).toBe('aaaaaaaaaaaa "docker-entrypoint.s…" ffe79d11ba09d0… 1\n');
  expect(shown([long], { format, whole: true })).toBe(
    `${'a'.repeat(64)} "docker-entrypoint.sh redis" ffe79d11ba09d0c2b11f 1\n`,
  );
});

test('ports: equal ones in ranges, then those that are mapped, and exposed ones without an address', () => {
  const port = (hostIp: string, hostPort: number, containerPort: number) => ({
    hostIp,
    hostPort,
    containerPort,
    protocol: 'tcp',
  });
  const ports = [
    port('::', 8080, 80),
    port('0.0.0.0', 8080, 80),
    port('127.0.0.1', 9001, 9001),
    port('127.0.0.1', 9000, 9000),
  ];
  const shop = container({ ports, exposedPorts: [{ containerPort: 6379, protocol: 'tcp' }] });
  expect(shown([shop], { format: '{{.Ports}}' })).toBe(
    '6379/tcp, 127.0.0.1:9000-9001->9000-9001/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp\n',
  );
  const [first, , third] = JSON.parse(shown([shop], { format: 'json' })).Publishers;
  expect(first).toEqual({ URL: '0.0.0.0', TargetPort: 80, PublishedPort: 8080, Protocol: 'tcp' });
  expect(third).toEqual({ URL: '', TargetPort: 6379, PublishedPort: 0, Protocol: 'tcp' });
});

test('a table of chosen columns has their headings', () => {
  const labels = { 'com.example.tier-name': 'front' };
  const format = 'table {{.Name}}\\t{{.RunningFor}}\\t{{.Label "com.example.tier-name"}}';
  expect(shown([container({ labels })], { format })).toBe(`\
NAME         CREATED          tier name
shop-web-1   16 minutes ago   front
`);
});
