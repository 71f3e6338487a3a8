import { expect, test } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { contentsOf } from '../../src/plan/container.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, stackOf } from '../helpers/stack.ts';

const web: Service = {
  image: 'web',
  configs: [{ source: 'settings' }, { source: 'site', target: '/etc/site.conf', mode: 0o400, uid: '5' }],
  secrets: [
    { source: 'token', target: '/run/secrets/token' },
    { source: 'password', target: 'pass' },
  ],
};
const parts = {
  configs: {
    settings: { name: 'shop_settings', content: 'a: b' },
    site: { name: 'shop_site', content: 'server {}' },
  },
  secrets: {
    token: { name: 'shop_token', environment: 'TOKEN' },
    password: { name: 'shop_password', file: '/shop/password.txt' },
  },
};

test('configs and secrets are where Docker Compose puts them: files mounted, the rest written', () => {
  const stack = stackOf({ web }, parts);
  expect(contentsOf(stack, web)).toEqual({
    contents: [
      { path: '/settings', from: 'configs.settings' },
      { path: '/etc/site.conf', from: 'configs.site', mode: 0o400, uid: 5 },
      { path: '/run/secrets/token', from: 'secrets.token' },
    ],
  });
  const actions = planUp(stack, nothing, {}).steps.map(({ action }) => action);
  expect(actions.find(({ kind }) => kind === 'create-container')).toMatchObject({
    files: [{ source: '/shop/password.txt', target: '/run/secrets/pass' }],
  });
  expect(actions.find(({ kind }) => kind === 'start-container')).toMatchObject(contentsOf(stack, web));
  expect(contentsOf(stack, { image: 'web' })).toEqual({});
});

test('nothing can be written where only mounts can be written to, and a swarm keeps what is external', () => {
  const stack = stackOf({ web: { ...web, read_only: true } }, parts);
  expect(() => planUp(stack, nothing, {})).toThrow(
    'the config `settings` cannot be written into web, which is `read_only`',
  );
  const external = { ...parts, configs: { ...parts.configs, site: { name: 'site', external: true } } };
  expect(() => planUp(stackOf({ web }, external), nothing, {})).toThrow('unsupported external config site');
});
