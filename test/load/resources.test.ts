import { expect, test } from 'vitest';
import { originOf } from '../../src/model/stack.ts';
import { canonicalService } from '../../src/plan/canonical.ts';
import { serviceHash } from '../../src/plan/hash.ts';
import { loadText, problemsIn, shortly } from './folder.ts';

/** The problems of a service with these attributes; its first attribute is on line 3. */
async function problems(attributes: string) {
  const lines = attributes.split('\n').map((line) => `    ${line}`);
  return problemsIn(
    loadText(['services:', '  a:', ...lines, '    image: x', '  b: {image: y}', ''].join('\n')),
  );
}

test('what a service says twice must be the same', async () => {
  const found = await problems(
    [
      'scale: 2',
      'cpus: 1',
      'mem_limit: 1g',
      'mem_reservation: 1g',
      'pids_limit: 5',
      'deploy:',
      '  replicas: 3',
      '  resources:',
      '    limits: {cpus: 2, memory: 2g}',
      '    reservations: {memory: 2g}',
    ].join('\n'),
  );
  expect(shortly(found)).toEqual([
    '3:12 conflicting-keys services.a.scale',
    '4:11 conflicting-keys services.a.cpus',
    '5:16 conflicting-keys services.a.mem_limit',
    '6:22 conflicting-keys services.a.mem_reservation',
    '7:17 conflicting-keys services.a.pids_limit',
  ]);
  expect(found.map(({ message }) => message)).toEqual([
    '`scale` and `deploy.replicas` of the service `a` are not the same',
    '`cpus` and `deploy.resources.limits.cpus` of the service `a` are not the same',
    '`mem_limit` and `deploy.resources.limits.memory` of the service `a` are not the same',
    '`mem_reservation` and `deploy.resources.reservations.memory` of the service `a` are not the same',
    'the service `a` has `pids_limit`, but its `deploy.resources.limits` does not say the same',
  ]);
  expect(found[0]?.related?.[0]?.location).toMatchObject({ line: 9, column: 17 });
});

test.each([
  ['scale: 2\ncontainer_name: fixed', '4:21 conflicting-keys services.a.container_name'],
  ['container_name: fixed\ndeploy: {replicas: 2}', '3:21 conflicting-keys services.a.container_name'],
  ['scale: -1', '3:12 invalid-value services.a.scale'],
  ['gpus: [{count: 1, device_ids: ["0"]}]', '3:12 conflicting-keys services.a.gpus[0]'],
  ['gpus: [{drive: nvidia}]', '3:13 unknown-key services.a.gpus[0].drive'],
  ['gpus: some', '3:11 invalid-value services.a.gpus'],
  ['devices: ["/dev/a:/dev/b:r:x"]', '3:15 invalid-value services.a.devices[0]'],
  ['devices: [{source: /dev/a}]', '3:15 invalid-value services.a.devices[0].target'],
  ['ulimits: {nofile: {soft: 1}}', '3:23 invalid-value services.a.ulimits.nofile.hard'],
  ['ipc: "service:c"', '3:10 undefined-reference services.a.depends_on.c'],
  ['volumes_from: ["c:ro"]', '3:20 undefined-reference services.a.depends_on.c'],
  ['uts: "service:a"', '3:10 dependency-cycle services.a.depends_on.a'],
  ['mem_limit: 1.5', '3:16 invalid-value services.a.mem_limit'],
  ['use_api_socket: yes', '3:21 wrong-type services.a.use_api_socket'],
  ['external_links: [c, c]', '3:25 invalid-value services.a.external_links'],
])('%s is told where it stands', async (attributes, expected) => {
  expect(shortly(await problems(attributes))).toEqual([expected]);
});

test('the same item in two files is told with both places', async () => {
  const found = await problemsIn(
    loadText(`
services: {a: {image: x, external_links: [c, d]}}
---
services: {a: {external_links: [d]}}
`),
  );
  expect(shortly(found)).toEqual(['4:33 invalid-value services.a.external_links[2]']);
  expect(found[0]?.related?.[0]?.location).toMatchObject({ line: 2, column: 46 });
});

test('a size that Docker Compose drops is a warning, and so is an unknown key of gpus', async () => {
  for (const attribute of ['mem_limit: 1.5', 'gpus: [{drive: nvidia}]']) {
    const found = await problems(attribute);
    expect(found.map(({ severity }) => severity)).toEqual(['warning']);
  }
});

test('what is implied has the place of what implies it', async () => {
  const { stack } = await loadText(`
services:
  a:
    image: x
    volumes_from: [b]
    pid: service:c
  b: {image: x}
  c: {image: x}
`);
  expect(stack.services.a?.depends_on).toEqual({
    b: { condition: 'service_started', restart: false, required: true },
    c: { condition: 'service_started', restart: true, required: true },
  });
  expect(originOf(stack, 'services.a.depends_on.b')).toMatchObject({ line: 5, column: 20 });
  expect(originOf(stack, 'services.a.depends_on.c')).toMatchObject({ line: 6, column: 10 });
});

test('how many containers there are changes no hash', async () => {
  const load = async (attributes: string) => {
    const { stack } = await loadText(`services: {a: {image: x, ${attributes}}}`);
    return stack.services.a ?? {};
  };
  const none = await load('deploy: {}');
  const many = await load('scale: 3, deploy: {}');
  expect(canonicalService(many)).toMatchObject({ scale: 3, deploy: { replicas: 3 } });
  expect(serviceHash(many)).toBe(serviceHash(none));
  expect(serviceHash(await load('deploy: {mode: global}'))).not.toBe(serviceHash(none));
});
