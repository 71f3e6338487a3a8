import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  actionOf,
  applyKeys,
  defaultKeys,
  isBoundIn,
  keyActions,
  namedKeys,
  placeOfAction,
  shownKey,
  wordsOf,
} from '../../src/terminal/keys.ts';
import { keysOf } from '../../src/terminal/typed.ts';
import fc from '../helpers/chance.ts';

test('no key means two things in one place', () => {
  for (const focus of ['services', 'pane'] as const) {
    const bound = keyActions
      .filter((action) => isBoundIn(action, focus))
      .flatMap((action) => defaultKeys[action]);
    expect(bound).toEqual([...new Set(bound)]);
  }
});

test('a key means something else where the focus is elsewhere', () => {
  expect(actionOf(defaultKeys, 'services', 'j')).toBe('services.down');
  expect(actionOf(defaultKeys, 'pane', 'j')).toBe('pane.down');
  expect(actionOf(defaultKeys, 'pane', '/')).toBe('logs.filter');
  expect(actionOf(defaultKeys, 'pane', 'ctrl-y')).toBeUndefined();
});

test('a setting takes the place of the default', () => {
  const { keys, faults } = applyKeys({ 'logs.filter': ['ctrl-g', '\\'], 'stack.down': [] });
  expect(faults).toEqual([]);
  expect(actionOf(keys, 'services', 'ctrl-g')).toBe('logs.filter');
  expect(actionOf(keys, 'services', '/')).toBeUndefined();
  expect(actionOf(keys, 'services', 'D')).toBeUndefined();
});

test('two actions can swap their keys', () => {
  const { keys, faults } = applyKeys({ 'logs.filter': ['F'], 'logs.search': ['/'] });
  expect(faults).toEqual([]);
  expect(actionOf(keys, 'pane', 'F')).toBe('logs.filter');
});

test('what is wrong is told, and the default holds', () => {
  const { keys, faults } = applyKeys({
    'logs.fliter': ['x'],
    'logs.filter': ['ctrl-f'],
    'logs.wrap': ['pgup'],
    'logs.mark': ['ctrl-i'],
    'screen.interrupt': ['ctrl-x'],
  });
  expect(keys).toEqual(defaultKeys);
  expect(faults.map(({ action, message, hint }) => [action, message, hint])).toEqual([
    ['logs.fliter', 'no such action: logs.fliter', 'did you mean `logs.filter`?'],
    [
      'logs.wrap',
      'no such key: pgup',
      expect.stringContaining('a key is one character, `ctrl-` and a letter, or one of up, down'),
    ],
    ['logs.mark', 'terminals cannot tell ctrl-i from another key', 'choose another one'],
    ['screen.interrupt', 'Ctrl-C always stops; it cannot be another key', undefined],
    [
      'logs.filter',
      'ctrl-f is the key of pane.page-down already',
      'give pane.page-down another key too, or none: []',
    ],
  ]);
});

test('whatever is set, no key means two things in one place', () => {
  const key = fc.constantFrom(
    'a',
    'b',
    'x',
    'j',
    '/',
    'ctrl-f',
    'ctrl-g',
    'up',
    'enter',
    'nothing',
    'ctrl-c',
  );
  const action = fc.constantFrom('nothing', ...keyActions);
  fc.assert(
    fc.property(fc.dictionary(action, fc.array(key, { maxLength: 3 })), (settings) => {
      const { keys, faults } = applyKeys(settings);
      const unwanted = Object.keys(settings).filter((name) => keys[name as 'logs.wrap'] !== settings[name]);
      expect(new Set(faults.map((fault) => fault.action))).toEqual(new Set(unwanted));
      for (const focus of ['services', 'pane'] as const) {
        const bound = keyActions
          .filter((name) => isBoundIn(name, focus))
          .flatMap((name) => [...new Set(keys[name])]);
        expect(bound).toEqual([...new Set(bound)]);
      }
    }),
  );
});

test('keys are known by their names', () => {
  // Ink takes the escape away from what it does not know: a menu key, the focus of a window.
  for (const unknown of ['[29~', '[I', '[27;5;13~', '[?1;2c']) expect(keysOf(unknown, {})).toEqual([]);
  for (const typed of ['[', '[[', '[]', '[x', 'OK']) expect(keysOf(typed, {})).toEqual([...typed]);
  expect(keysOf('jjr', {})).toEqual(['j', 'j', 'r']);
  expect(keysOf('ab\r', {})).toEqual(['a', 'b', 'enter']);
  expect(keysOf('é ', {})).toEqual(['é', 'space']);
  expect(keysOf('k', { ctrl: true })).toEqual(['ctrl-k']);
  expect(keysOf('', { tab: true, shift: true })).toEqual(['shift-tab']);
  expect(keysOf('', { pageUp: true })).toEqual(['page-up']);
  expect(keysOf('x', { meta: true })).toEqual([]);
  expect(keysOf('\u001B', {})).toEqual([]);
});

test('keys are shown as short as they can be', () => {
  expect(['ctrl-k', 'up', 'enter', 'a'].map((key) => shownKey(key, false))).toEqual(['^K', '↑', '⏎', 'a']);
  expect(['ctrl-k', 'up', 'enter', 'a'].map((key) => shownKey(key, true))).toEqual([
    '^K',
    'Up',
    'Enter',
    'a',
  ]);
});

const page = path.resolve(import.meta.dirname, '../../docs/keys.md');

test('the page of keys says what the keys do', () => {
  const places = { anywhere: 'anywhere', services: 'list of services', pane: 'pane' } as const;
  const rows = keyActions.map((action) => {
    const keys = defaultKeys[action].map((key) => (key === '`' ? '`` ` ``' : `\`${key}\``)).join(' ');
    return `| \`${action}\` | ${keys} | ${places[placeOfAction(action)]} | ${wordsOf(action)} |`;
  });
  const now = `# Keys

What the keys do on the screens. \`?\` tells those of the place one is in, \`:\` finds whatever can be done by some
letters of it. A key can be given to something else in the user's configuration, by the names below:

\`\`\`yaml
keys:
  logs.filter: ctrl-g
  service.kill: []
\`\`\`

A key is one character, \`ctrl-\` and a letter, or one of ${namedKeys.map((key) => `\`${key}\``).join(', ')}. A test makes
this page from the program itself: \`UPDATE=1 npx vitest run --project integration test/terminal/keys.test.ts\`.

| Action | Keys | Where | What it does |
|---|---|---|---|
${rows.join('\n')}
`;
  if (process.env.UPDATE === '1') writeFileSync(page, now);
  expect(readFileSync(page, 'utf8')).toBe(now);
});
