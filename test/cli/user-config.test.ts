import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readUserConfig, userConfigFile } from '../../src/cli/user-config.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = path.join(folder, 'config.yaml');

async function read(text: string) {
  writeFileSync(file, text);
  const { config, problems } = await readUserConfig(file);
  return {
    config,
    told: problems.map(
      ({ severity, location, message }) =>
        `${severity} ${location?.file === file} ${location?.line}:${location?.column} ${message}`,
    ),
    problems,
  };
}

test('it is where the XDG specification has it', () => {
  expect(userConfigFile({ XDG_CONFIG_HOME: '/cfg', HOME: '/home/me' })).toBe('/cfg/stack/config.yaml');
  expect(userConfigFile({ HOME: '/home/me' })).toBe('/home/me/.config/stack/config.yaml');
  expect(userConfigFile({ XDG_CONFIG_HOME: 'relative', HOME: '/home/me' })).toBe(
    '/home/me/.config/stack/config.yaml',
  );
});

test('none, an empty one and one with comments alone say nothing', async () => {
  const nothing = { config: { keys: {} }, problems: [] };
  expect(await readUserConfig(path.join(folder, 'none', 'config.yaml'))).toEqual(nothing);
  for (const text of ['', '# ui: full\n']) expect(await read(text)).toMatchObject(nothing);
});

test('it says which screen, which signs and which keys', async () => {
  const text = 'ui: full\nascii: true\nkeys:\n  service.restart: ctrl-r\n  logs.filter: [f4, ctrl-g]\n';
  const { config, told } = await read(text.replace('f4, ', ''));
  expect(told).toEqual([]);
  expect(config).toEqual({
    ui: 'full',
    ascii: true,
    keys: { 'service.restart': ['ctrl-r'], 'logs.filter': ['ctrl-g'] },
  });
});

test('it says how much is kept of removed volumes, and how long', async () => {
  const { config, told } = await read('keep_trash: {days: 0.5, size: 2g}\n');
  expect([config.keepTrash, told]).toEqual([{ age: 43_200, size: 2 * 1024 ** 3 }, []]);
  expect((await read('keep_trash: {size: 0}\n')).config.keepTrash).toEqual({ size: 0 });
  const wrong = await read('keep_trash: {days: soon, weight: 1}\n');
  expect(wrong.config.keepTrash).toEqual({});
  expect(wrong.told).toEqual([
    'warning true 1:14 `keep_trash` cannot be read',
    'warning true 1:26 `keep_trash` cannot be read',
  ]);
});

test('what is wrong is told with its place, and the rest counts', async () => {
  const { config, told, problems } = await read(
    `ui: big
ascii: perhaps
keyz: {}
keys:
  service.restart: hyper-r
  service.pause: { a: b }
  screen.help: ctrl-g
`,
  );
  expect(told).toEqual([
    'warning true 1:5 `ui` is neither inline nor full',
    'warning true 2:8 `ascii` is neither true nor false',
    'warning true 3:1 the configuration of stack has no `keyz`',
    'warning true 5:3 no such key: hyper-r',
    'warning true 6:18 the keys of service.pause are not given as text',
  ]);
  expect(problems[2]).toMatchObject({ hint: 'did you mean `keys`?', sourceLine: 'keyz: {}' });
  expect(config).toEqual({ keys: { 'screen.help': ['ctrl-g'] } });
});

test.each([
  ['ui: [', 'warning true 1:5'],
  ['just text', 'warning true 1:1 the configuration of stack is no map'],
  ['- a', 'warning true 1:1 the configuration of stack is no map'],
  ['keys: r', 'warning true 1:7 `keys` is no map'],
  ['ui: full\nui: inline', 'warning true 2:1'],
])('%j keeps nothing from working', async (text, expected) => {
  const { told } = await read(text);
  expect(told[0]?.startsWith(expected)).toBe(true);
  expect(told).toHaveLength(1);
});

test('one that cannot be read is told', async () => {
  const other = path.join(folder, 'folder.yaml');
  mkdirSync(other);
  const { config, problems } = await readUserConfig(other);
  expect(config).toEqual({ keys: {} });
  expect(problems).toMatchObject([{ severity: 'warning', code: 'unreadable-file' }]);
});
