import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatEngineEvent, formatEngineEventJson } from '../../src/report/engine-events.ts';
import { formatImageIds, formatImages, formatImagesJson } from '../../src/report/images.ts';
import { formatAge, formatMoment } from '../../src/report/moments.ts';
import { formatProcesses } from '../../src/report/processes.ts';
import { formatProjects, formatProjectsJson } from '../../src/report/projects.ts';
import { formatVolumes } from '../../src/report/volumes.ts';

let zone: string | undefined;
beforeEach(() => {
  zone = process.env.TZ;
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const day = 86_400;

test.each([
  [0.9, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [120, '2 minutes'],
  [3600, 'About an hour'],
  [5400, '2 hours'],
  [47.4 * 3600, '47 hours'],
  [2 * day, '2 days'],
  [14 * day, '2 weeks'],
  [60 * day, '2 months'],
  [730 * day, '2 years'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

test('moments are told in the zone of this machine', () => {
  expect(formatMoment(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02 04:04:05 +0100 CET');
});

const event = {
  time: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 678,
  action: 'die',
  id: 'a1',
  service: 'web',
  attributes: { name: 'shop-web-1', image: 'nginx', exitCode: '3' },
};

test('an event is a line and an empty one, or JSON', () => {
  expect(formatEngineEvent(event)).toBe(
    '2026-01-02 04:04:05.000678 container die a1 (exitCode=3, image=nginx, name=shop-web-1)\n\n',
  );
  expect(formatEngineEventJson(event)).toBe(
    '{"action":"die","attributes":{"exitCode":"3","image":"nginx","name":"shop-web-1"},"id":"a1",' +
      '"service":"web","time":"2026-01-02T04:04:05.000678+01:00","type":"container"}\n',
  );
});

const now = Date.UTC(2026, 0, 2);
const images = [
  ['shop-db-1', 'redis:7', 89_261_851],
  ['shop-web-1', 'docker.io/library/nginx', 512],
  ['shop-own-1', 'localhost:5000/team/own:1.2@sha256:0123', 2_025_320],
  ['shop-old-1', 'sha256:0123456789abcdef', 1000],
].map(([name, image, size], index) => ({
  container: { name: String(name), image: String(image), imageId: `sha256:${index}123456789abcdef` },
  details: {
    id: `sha256:${index}123456789abcdef`,
    size: Number(size),
    platform: 'linux/amd64',
    lastTagTime: new Date(now - 3 * 3_600_000).toISOString(),
  },
}));

test('images by their names, with sizes of three digits', () => {
  const [head = '', ...rows] = formatImages(images, now).trimEnd().split('\n');
  expect(head).toBe(
    'CONTAINER           REPOSITORY                TAG                 PLATFORM            IMAGE ID            SIZE                CREATED',
  );
  expect(rows.map((row) => row.split(/ {3,}/))).toEqual([
    ['shop-db-1', 'redis', '7', 'linux/amd64', '0123456789ab', '89.3MB', '3 hours ago'],
    ['shop-web-1', 'nginx', 'latest', 'linux/amd64', '1123456789ab', '512B', '3 hours ago'],
    ['shop-own-1', 'localhost:5000/team/own', '1.2', 'linux/amd64', '2123456789ab', '2.03MB', '3 hours ago'],
    ['shop-old-1', '<none>', '<none>', 'linux/amd64', '3123456789ab', '1kB', '3 hours ago'],
  ]);
});

test('images as one array, and each id once', () => {
  const [first] = JSON.parse(formatImagesJson(images));
  expect(first).toEqual({
    ID: 'sha256:0123456789abcdef',
    ContainerName: 'shop-db-1',
    Repository: 'redis',
    Tag: '7',
    Platform: 'linux/amd64',
    Size: 89_261_851,
    LastTagTime: '2026-01-01T21:00:00.000Z',
  });
  expect(
    formatImageIds(images.flatMap((image) => [image, image]))
      .trim()
      .split('\n'),
  ).toHaveLength(4);
  expect(formatImagesJson([])).toBe('[]\n');
});

test('an image that the engine does not have any more is told by its name', () => {
  const [image] = images;
  if (image === undefined) throw new Error('no image');
  expect(formatImages([{ ...image, details: undefined }], now)).toMatch(/redis +7 +0123456789ab +N\/A +N\/A/);
});

test('projects with the states of their containers', () => {
  const projects = [
    {
      name: 'shop',
      states: [
        ['exited', 1],
        ['running', 2],
      ],
      configFiles: ['/a/compose.yaml', '/a/compose.override.yaml'],
      folder: '/a',
      created: 0,
      ports: [{ hostIp: '0.0.0.0', hostPort: 8000, containerPort: 80, protocol: 'tcp' }],
      usage: { cpuPercent: 12.5, memory: 3 * 1024 ** 2 },
    },
    { name: 'old', states: [['exited', 1]], configFiles: [], created: 0, ports: [] },
  ] as const;
  expect(formatProjects(projects, { asCompose: false, now: 7_200_000 })).toBe(`\
NAME  STATUS                 AGE      CPU %   MEMORY  DISK  URLS                   FOLDER  CONFIG FILES
shop  exited(1), running(2)  2 hours  12.50%  3MiB    N/A   http://localhost:8000  /a      /a/compose.yaml,/a/compose.override.yaml
old   exited(1)              2 hours                                               N/A     N/A
`);
  const asCompose = { asCompose: true, now: 0 };
  expect(formatProjects(projects, asCompose)).toBe(`\
NAME                STATUS                  CONFIG FILES
shop                exited(1), running(2)   /a/compose.yaml,/a/compose.override.yaml
old                 exited(1)               N/A
`);
  expect(JSON.parse(formatProjectsJson(projects, asCompose))[0]).toEqual({
    Name: 'shop',
    Status: 'exited(1), running(2)',
    ConfigFiles: '/a/compose.yaml,/a/compose.override.yaml',
  });
});

test('processes of all containers in one table, commands last', () => {
  const processes = [
    {
      container: { service: 'db', number: 1 },
      list: { titles: ['UID', 'CMD', 'PID'], processes: [['root', 'redis-server *:6379', '7']] },
    },
    {
      container: { service: 'web', number: 12 },
      list: { titles: ['PID', 'CMD'], processes: [['8', 'nginx']] },
    },
  ];
  expect(formatProcesses(processes, { masked: false })).toBe(`\
SERVICE  #   UID   PID  CMD
db       1   root  7    redis-server *:6379
web      12  -     8    nginx
`);
  expect(formatProcesses([], { masked: false })).toBe('');
});

test('volumes as table, JSON and by template', () => {
  const volume = {
    name: 'shop_data',
    driver: 'local',
    scope: 'local',
    mountpoint: '/v/_data',
    labels: { b: '2', a: '1' },
  };
  expect(formatVolumes([volume], 'table')).toBe('DRIVER    VOLUME NAME\nlocal     shop_data\n');
  expect(JSON.parse(formatVolumes([volume], 'json'))).toMatchObject({
    Name: 'shop_data',
    Labels: 'a=1,b=2',
    Size: 'N/A',
  });
  expect(formatVolumes([volume], '{{.Name}} {{.Label "a"}}')).toBe('shop_data 1\n');
});

test('credentials in commands are not shown to people', () => {
  const list = {
    titles: ['PID', 'CMD'],
    processes: [
      ['1', 'server --password hunter22 --port 80'],
      ['2', 'worker s3cr3t-value'],
    ],
  };
  const rows = [{ container: { service: 'db', number: 1 }, list }];
  const shown = formatProcesses(rows, { masked: true, known: ['s3cr3t-value'] });
  expect(shown).toContain('server --password ******** --port 80');
  expect(shown).toContain('worker ********');
  expect(formatProcesses(rows, { masked: false, known: ['s3cr3t-value'] })).toContain('hunter22');
});
