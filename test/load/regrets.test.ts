import { expect, test } from 'vitest';
import { loadStack } from '../../src/load/load.ts';
import { folder, loadText, request, shortly } from './folder.ts';

async function warned(services: string, more = '') {
  const { warnings } = await loadText(`services:\n${services}${more}`);
  expect(warnings.every(({ severity }) => severity === 'warning')).toBe(true);
  return shortly(warnings);
}

async function wordsOf(...texts: readonly string[]) {
  const names = texts.map((_, index) => `${index}.yaml`);
  const directory = folder(Object.fromEntries(texts.map((text, index) => [`${index}.yaml`, text])));
  const { warnings } = await loadStack(request(directory, { files: names }));
  return warnings.map(({ message }) => message);
}

test.each([
  ['0777', '511'],
  ['0o17', '15'],
  ['0x1F', '31'],
  ['1_000', '1000'],
  ['1.10', '1.1'],
  ['1.0', '1'],
  ['1e3', '1000'],
  ['.5', '0.5'],
  ['.inf', '+Inf'],
  ['True', 'true'],
])('%s where text is wanted arrives as %s, which is told', async (written, arriving) => {
  const { stack, warnings } = await loadText(
    `services:\n  a:\n    image: i\n    environment: {A: ${written}}\n    labels: {a: ${written}}\n`,
  );
  expect(stack.services.a?.environment).toEqual({ A: arriving });
  expect(shortly(warnings)).toEqual([
    '4:22 misread-value services.a.environment.A',
    '5:17 misread-value services.a.labels.a',
  ]);
});

test('values that arrive as they are written are fine, and so are quotes and numbers', async () => {
  const environment = '{A: 8080, B: "0777", C: -5, D: 1.5, E: true, F: yes, G: 22:22, H: ~}';
  const volume = '{type: tmpfs, target: /t, tmpfs: {mode: 01777}}';
  expect(
    await warned(
      `  a: {image: i, environment: ${environment}, build: {args: {A: 1}}, volumes: [${volume}]}\n`,
    ),
  ).toEqual([]);
});

test('quotes inside unquoted items are told once a list', async () => {
  const service = '  a:\n    image: i\n    environment:\n';
  expect(await warned(`${service}      - A="x"\n      - B='y'\n      - C=z\n`)).toEqual([
    '5:9 misread-value services.a.environment',
  ]);
  expect(await warned(`${service}      - "A=\\"x\\""\n      - B=it's\n      - C={"a":"b"}\n`)).toEqual([]);
  const { stack } = await loadText(`services:\n${service}      - A="x"\n`);
  expect(stack.services.a?.environment).toEqual({ A: '"x"' });
});

test('a hint about quotes does not show the value of a variable', async () => {
  const text = 'services:\n  a:\n    image: i\n    environment:\n      - A="$SECRET"\n';
  const { warnings } = await loadText(text, { environment: { SECRET: 'hunter2' } });
  expect(shortly(warnings)).toEqual(['5:9 misread-value services.a.environment']);
  expect(JSON.stringify(warnings)).not.toContain('hunter2');
});

test.each([
  ['8080:80', '8080:81', true],
  ['8080:80', '9090:80', false],
  ['127.0.0.1:8080:80', '127.0.0.2:8080:80', false],
  ['127.0.0.1:8080:80', '8080:80', true],
  ['127.0.0.1:8080:80', '0.0.0.0:8080:80', true],
  ['127.0.0.1:8080:80', '[::]:8080:80', false],
  ['0.0.0.0:8080:80', '[::]:8080:80', false],
  ['8080:80/tcp', '8080:80/udp', false],
  ['8080-8082:80', '8081:80', false],
  ['8080-8082:80-82', '8081:80', true],
  ['0:80', '0:80', false],
  ['80', '80', false],
])('ports %s and %s of two services: conflict %s', async (one, other, conflict) => {
  const services = (more: string) =>
    `  a: {image: i, ports: ["${one}"]}\n  b: {image: i, ports: ["${other}"]${more}}\n`;
  const told = conflict ? ['3:25 port-conflict services.b.ports[0]'] : [];
  expect(await warned(services(''))).toEqual(told);
  expect(await warned(services(', profiles: [off]'))).toEqual([]);
});

test('a port that an override file adds though it was to replace one', async () => {
  const base = 'services:\n  a:\n    image: i\n    ports: ["8080:80", "9000:9000"]\n';
  const over = 'services:\n  a:\n    ports: !tag ["9090:80"]\n';
  expect(await wordsOf(base, over.replace('!tag ', ''))).toEqual([
    'port 80 of `a` is published twice, as files add ports to those of earlier files',
  ]);
  expect(await wordsOf(base, over.replace('!tag', '!override'))).toEqual([]);
  expect(await wordsOf(base, base)).toEqual([]);
});

test('waiting for the health of a service that cannot have one', async () => {
  const services = (check: string) =>
    `  a: {image: i, depends_on: {b: {condition: service_healthy}}}\n  b: {image: i, healthcheck: ${check}}\n`;
  const told = ['2:30 no-healthcheck services.a.depends_on.b'];
  expect(await warned(services('{disable: true}'))).toEqual(told);
  expect(await warned(services('{test: [NONE]}'))).toEqual(told);
  expect(await warned(services('{test: [CMD, x]}'))).toEqual([]);
});

test('keys that the engine refuses or does not look at', async () => {
  expect(await warned('  a: {image: i, network_mode: host, ports: ["80:80"]}\n')).toEqual([
    '2:37 no-effect services.a.ports',
  ]);
  expect(await warned('  a: {image: i, healthcheck: {test: x, start_interval: 1s}}\n')).toEqual([
    '2:56 invalid-value services.a.healthcheck.start_interval',
  ]);
  expect(
    await warned('  a: {image: i, healthcheck: {test: x, start_interval: 1s, start_period: 9s}}\n'),
  ).toEqual([]);
});

test('a policy of restarts that the engine does not know', async () => {
  const { warnings } = await loadText('services:\n  a: {image: i, restart: on_failure}\n');
  expect(warnings).toMatchObject([
    { code: 'invalid-value', severity: 'warning', hint: 'did you mean `on-failure`?' },
  ]);
  for (const policy of ['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:3', '""']) {
    expect([policy, await warned(`  a: {image: i, restart: ${policy}}\n`)]).toEqual([policy, []]);
  }
});

test('a port that several containers of a service would have to share', async () => {
  expect(await warned('  a: {image: i, ports: ["8080:80"], deploy: {replicas: 2}}\n')).toEqual([
    '2:25 port-conflict services.a.ports[0]',
  ]);
  expect(await warned('  a: {image: i, ports: ["8080:80"], scale: 2}\n')).toHaveLength(1);
  expect(await warned('  a: {image: i, ports: ["8080-8081:80", "81"], scale: 2}\n')).toEqual([]);
});

test('what only swarms do', async () => {
  const deploy = '{mode: global, labels: {a: b}, restart_policy: {condition: any, delay: 5s, window: 1m}}';
  expect(await warned(`  a: {image: i, deploy: ${deploy}}\n`)).toEqual([
    '2:32 no-effect services.a.deploy.mode',
    '2:40 no-effect services.a.deploy.labels',
    '2:96 no-effect services.a.deploy.restart_policy.delay',
    '2:108 no-effect services.a.deploy.restart_policy.window',
  ]);
  expect(await warned('  a: {image: i, deploy: {mode: replicated, replicas: 2}}\n')).toEqual([]);
});

test('owners of files that are mounted as they are', async () => {
  const service = '  a: {image: i, secrets: [{source: s, uid: "1"}]}\n';
  expect(await warned(service, 'secrets: {s: {file: ./s}}\n')).toEqual([
    '2:44 no-effect services.a.secrets[0].uid',
  ]);
  expect(await warned(service, 'secrets: {s: {environment: HOME}}\n')).toEqual([]);
});
