import { expect, test } from 'vitest';
import { loadText, problemsIn, shortly } from './folder.ts';

const text = `
services:
  web: {image: w, depends_on: [db], networks: [front], volumes: ["pages:/pages"]}
  db: {image: d, volumes: ["data:/data"]}
  debug: {image: g, profiles: [dev], depends_on: [tool]}
  tool: {image: t, profiles: [dev]}
  extra: {image: e, profiles: [other], depends_on: {tool: {condition: service_started, required: false}}}
networks: {front: , back: }
volumes: {data: , pages: , spare: }
`;

async function selected(profiles: readonly string[], services: readonly string[], environment = {}) {
  const { stack } = await loadText(text, { profiles, services, environment });
  return {
    on: Object.keys(stack.services),
    off: stack.disabledServices,
    networks: Object.keys(stack.networks),
    volumes: Object.keys(stack.volumes),
  };
}

test('services without profiles are on, and what nothing uses is left out', async () => {
  expect(await selected([], [])).toEqual({
    on: ['web', 'db'],
    off: ['debug', 'tool', 'extra'],
    networks: ['front', 'default'],
    volumes: ['data', 'pages'],
  });
});

test('profiles switch services on; those given beat COMPOSE_PROFILES', async () => {
  const environment = { COMPOSE_PROFILES: 'other, dev' };
  expect((await selected([], [], environment)).on).toEqual(['web', 'db', 'debug', 'tool', 'extra']);
  expect((await selected(['dev'], [], environment)).on).toEqual(['web', 'db', 'debug', 'tool']);
  expect((await selected(['*'], [])).off).toEqual([]);
  expect((await selected(['unknown'], [])).on).toEqual(['web', 'db']);
});

test('naming services narrows the stack to them and what they need', async () => {
  expect(await selected([], ['db'])).toEqual({
    on: ['db'],
    off: ['web', 'debug', 'tool', 'extra'],
    networks: ['default'],
    volumes: ['data'],
  });
  expect((await selected([], ['w*'])).on).toEqual(['web', 'db']);
});

test('naming a service switches its profiles on', async () => {
  expect((await selected([], ['debug'])).on).toEqual(['debug', 'tool']);
  // An optional dependency in a profile that stays off is silently absent.
  expect((await selected([], ['extra'])).on).toEqual(['extra']);
});

test('a dependency that is switched off is told where it is asked for', async () => {
  const problems = await problemsIn(
    loadText('services:\n  a:\n    image: a\n    depends_on: [b]\n  b: {image: b, profiles: [p]}\n'),
  );
  expect(shortly(problems)).toEqual(['4:18 undefined-reference services.a.depends_on.b']);
});

test('an optional dependency must still be defined', async () => {
  const problems = await problemsIn(
    loadText(
      'services:\n  a:\n    image: a\n    depends_on:\n      b: {condition: service_started, required: false}\n',
    ),
  );
  expect(shortly(problems)).toEqual(['5:7 undefined-reference services.a.depends_on.b']);
});
