import { expect, test } from 'vitest';
import { canonicalStack } from '../../src/plan/canonical.ts';
import { networkHash, serviceHash } from '../../src/plan/hash.ts';
import { loadText, problemsIn, shortly } from './folder.ts';

const service = 'services:\n  web:\n    image: i\n';

test('what only newer versions than Docker Compose 2.40.3 know is read', async () => {
  const { stack } = await loadText(
    `${service}    build: {no_cache_filter: base}
    pre_start: [{command: migrate, image: tools, per_replica: false}]
networks: {default: {ipam: {options: {scope: global}}}}
`,
  );
  expect(stack.services.web).toMatchObject({
    build: { no_cache_filter: ['base'] },
    pre_start: [{ command: ['migrate'], image: 'tools', per_replica: false }],
  });
  expect(stack.networks.default?.ipam?.options).toEqual({ scope: 'global' });
});

test('options of the driver of addresses are no part of the hash, as with Docker Compose 2.40.3', async () => {
  const { stack } = await loadText(`${service}networks: {default: {ipam: {options: {scope: global}}}}\n`);
  expect(networkHash(stack.networks.default ?? { name: '' })).toBe(networkHash({ name: 'p_default' }));
});

test('SSH keys are printed as they can be read again; Docker Compose 2.40.3 fails here', async () => {
  const { stack } = await loadText(`${service}    build: {context: /b, ssh: [key=/k, default]}\n`);
  const { services } = canonicalStack(stack);
  expect(services).toMatchObject({ web: { build: { ssh: ['default', 'key=/k'] } } });
  const again = await loadText(JSON.stringify(canonicalStack(stack)));
  expect(again.stack.services.web?.build?.ssh).toEqual({ default: null, key: '/k' });
});

test('SSH keys of several files come together, in either form', async () => {
  const { stack } = await loadText(
    `${service}    build: {ssh: [default]}\n---\n${service}    build: {ssh: [key=/k]}\n`,
  );
  expect(stack.services.web?.build?.ssh).toEqual({ default: null, key: '/k' });
});

test('an option of a provider is a list of text, whatever its name', async () => {
  const { stack } = await loadText(
    'services: {db: {provider: {type: cloud, options: {x-size: 5, zones: [a, true]}}}}\n',
  );
  expect(stack.services.db?.provider).toEqual({
    type: 'cloud',
    options: { 'x-size': ['5'], zones: ['a', 'true'] },
  });
  expect(stack.services.db?.networks).toBeUndefined();
  expect(Object.keys(stack.networks)).toEqual([]);
});

test('configs, secrets and models that no service uses are left out', async () => {
  const text = `services:
  a: {image: i, configs: [one], secrets: [s], models: [m]}
  b: {image: i, configs: [two], build: {secrets: [t]}, models: {n: {}}}
configs: {one: {content: x}, two: {content: x}, three: {content: x}}
secrets: {s: {environment: S}, t: {environment: T}, u: {environment: U}}
models: {m: {model: x}, n: {model: x}, o: {model: x}}
`;
  const all = (await loadText(text)).stack;
  expect(Object.keys(all.configs)).toEqual(['one', 'two']);
  expect(Object.keys(all.secrets)).toEqual(['s', 't']);
  expect(Object.keys(all.models)).toEqual(['m', 'n']);
  const { stack } = await loadText(text, { services: ['b'] });
  expect(Object.keys(stack.configs)).toEqual(['two']);
  expect(Object.keys(stack.secrets)).toEqual(['t']);
  expect(Object.keys(stack.models)).toEqual(['n']);
});

test('a value in the environment is never part of the stack', async () => {
  const { stack } = await loadText(`${service}    secrets: [s]\nsecrets: {s: {environment: TOKEN}}\n`, {
    environment: { TOKEN: 'hush' },
  });
  expect(JSON.stringify(stack)).not.toContain('hush');
});

test('the old spelling of a name elsewhere is told once and stays when another file says external', async () => {
  const { stack, warnings } = await loadText(
    `${service}    secrets: [s]\nsecrets: {s: {external: {name: token}}}\n---\nsecrets: {s: {external: true}}\n`,
  );
  expect(stack.secrets.s).toEqual({ name: 'token', external: true });
  expect(shortly(warnings)).toEqual(['5:15 obsolete-key secrets.s.external']);
});

test('what another file completes is not told', async () => {
  const base = `${service}    provider: {options: {a: b}}\nmodels: {m: {context_size: 5}}\n`;
  const over = `${service}    provider: {type: cloud}\n    models: [m]\nmodels: {m: {model: x}}\n`;
  const { stack } = await loadText(`${base}---\n${over}`);
  expect(stack.services.web?.provider).toEqual({ type: 'cloud', options: { a: ['b'] } });
  expect(shortly(await problemsIn(loadText(base)))).toEqual([
    '4:15 invalid-value services.web.provider.type',
    '5:13 invalid-value models.m.model',
  ]);
});

test('x- keys inside of parts are printed on request, and are no part of the hash', async () => {
  const { stack } = await loadText(`${service}    build: {context: /b, x-b: 1}
    ports: [{target: 80, x-p: 2}]
    volumes: [{type: volume, target: /v, x-v: 3, volume: {x-o: 4}}]
    develop: {watch: [{path: /w, action: rebuild, x-w: 5}]}
    secrets: [{source: s, x-r: 6}]
secrets: {s: {environment: S, x-s: 7}}
`);
  const { services, secrets } = canonicalStack(stack, { yaml: true });
  expect(services).toMatchObject({
    web: {
      build: { 'x-b': 1 },
      ports: [{ 'x-p': 2 }],
      volumes: [{ 'x-v': 3, volume: { 'x-o': 4 } }],
      develop: { watch: [{ 'x-w': 5 }] },
      secrets: [{ 'x-r': 6 }],
    },
  });
  expect(secrets).toMatchObject({ s: { 'x-s': 7 } });
  expect(JSON.stringify(canonicalStack(stack))).not.toContain('x-');
  const { web = {} } = stack.services;
  expect(serviceHash({ ...web, ports: [{ target: 80, mode: 'ingress', protocol: 'tcp' }] })).toBe(
    serviceHash(web),
  );
});

test('models are printed on request; Docker Compose 2.40.3 has them in YAML only', async () => {
  const { stack } = await loadText(`${service}    models: [m]\nmodels: {m: {model: x}}\n`);
  expect(canonicalStack(stack)).not.toHaveProperty('models');
  expect(canonicalStack(stack, { yaml: true })).toMatchObject({ models: { m: { model: 'x' } } });
});

test('a reset in a map takes nothing away from a list, nor from what several files have, and that is told', async () => {
  const { stack, warnings } = await loadText(
    `${service}    environment: [A=1]\n    labels: {B: 1, C: 2}\n---\n` +
      'services:\n  web:\n    environment: {A: !reset null}\n    labels: {B: !reset null, D: 4}\n---\n' +
      'services:\n  web:\n    labels: {C: !reset null}\n',
  );
  expect(stack.services.web).toMatchObject({ environment: { A: '1' }, labels: { C: '2', D: '4' } });
  expect(shortly(warnings)).toEqual([
    '9:19 no-effect services.web.environment.A',
    '14:14 no-effect services.web.labels.C',
  ]);
});
