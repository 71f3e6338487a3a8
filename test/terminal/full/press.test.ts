import { describe, expect, test } from 'vitest';
import type { Order } from '../../../src/terminal/desk.ts';
import { choicesOf, matching } from '../../../src/terminal/full/orders.ts';
import { tabsOf } from '../../../src/terminal/full/pane.ts';
import { paste, press } from '../../../src/terminal/full/press.ts';
import { type FullState, initialFull, type Step } from '../../../src/terminal/full/state.ts';
import { moveSelection, selectionIn, treeOf } from '../../../src/terminal/full/tree.ts';
import type { World } from '../../../src/terminal/full/world.ts';
import type { Key } from '../../../src/terminal/keys.ts';
import fc from '../../helpers/chance.ts';
import { at, container, logs, type RecordingName, recordings } from '../../report/recording.ts';
import { worldOf } from './world.ts';

const ready = worldOf('ready', { columns: 120, rows: 40 });

/** What keys lead to, and all they wish for. */
function type(keys: string, world: World = ready, state: FullState = initialFull) {
  const wishes: Step['wish'][] = [];
  let now = state;
  for (const key of keys.split(' ')) {
    const step = press(now, key, world);
    now = step.state;
    if (step.wish !== undefined) wishes.push(step.wish);
  }
  return { state: now, wishes };
}

function order(given: Order) {
  return { kind: 'order', order: given };
}

describe('the selection', () => {
  test('goes over services and replicas, and stays at the ends', () => {
    const second = at([5, container('rng', 'running', { number: 2, id: 'rng2', name: 'coins-rng-2' })]);
    const world = worldOf([...recordings.ready, ...second]);
    expect(type('j', world).state.selected).toEqual({ service: 'rng', number: 1 });
    expect(type('j j', world).state.selected).toEqual({ service: 'rng', number: 2 });
    expect(type('G j', world).state.selected).toEqual({ service: 'webui' });
    expect(type('G g k', world).state.selected).toEqual({ service: 'rng' });
    expect(type('j j s', world).wishes).toEqual([order({ kind: 'shell', service: 'rng', number: 2 })]);
  });

  test('stays with its service when that comes into another group', () => {
    const { state } = type('j j j');
    expect(selectionIn(ready.view, state.selected)).toEqual({ service: 'worker' });
    expect(selectionIn(worldOf('crashed').view, state.selected)).toEqual({ service: 'worker' });
    expect(treeOf(worldOf('crashed').view, false)[0]).toMatchObject({ service: { name: 'worker' } });
  });

  test('is always something that is there', () => {
    const names = fc.constantFrom(...(Object.keys(recordings) as RecordingName[]));
    fc.assert(
      fc.property(names, fc.nat(60), fc.integer({ min: -9, max: 9 }), fc.string(), (name, count, by, was) => {
        const { view } = worldOf(recordings[name].slice(0, count));
        const selected = moveSelection(view, { service: was, number: 2 }, by);
        const all = view.services.map((service) => service.name);
        if (all.length === 0) expect(selected).toBeUndefined();
        else expect(all).toContain(selected?.service);
      }),
    );
  });
});

describe('orders', () => {
  test('that nobody takes are not given', () => {
    const world = { ...ready, offers: () => false };
    const { wishes, state } = type('r b S K + D w a o y ctrl-s e', world);
    expect(wishes).toEqual([]);
    expect(state.message?.tone).toBe('bad');
  });

  test('that are dangerous need a yes', () => {
    expect(type('K').wishes).toEqual([]);
    expect(type('K y').wishes).toEqual([order({ kind: 'kill', services: ['rng'] })]);
    expect(type('K enter').wishes).toEqual([]);
    expect(type('C n r').wishes).toEqual([order({ kind: 'restart', services: ['rng'] })]);
    expect(type('- y').wishes).toEqual([order({ kind: 'scale', service: 'rng', count: 0 })]);
    expect(type('D y').wishes).toEqual([order({ kind: 'down' })]);
  });

  test('can be given as soon as a service is shown to run, whatever the engine has said of its container by then', () => {
    const made = at([5, container('rng', 'created', { id: 'anew' })]);
    const world = worldOf([...recordings.ready, ...made]);
    expect(world.view.services.find(({ name }) => name === 'rng')).toMatchObject({
      state: 'running',
      replicas: [{ container: 'created' }],
    });
    expect(type('s', world).wishes).toEqual([order({ kind: 'shell', service: 'rng', number: 1 })]);
    expect(type('S', world).wishes).toEqual([order({ kind: 'stop', services: ['rng'] })]);
  });

  test('fit what the service does', () => {
    expect(type('S').wishes).toEqual([order({ kind: 'stop', services: ['rng'] })]);
    const stopped = worldOf('stopped', { columns: 120, rows: 40 });
    expect(type('S', stopped).wishes).toMatchObject([{ order: { kind: 'start' } }]);
    expect(type('s', stopped).wishes).toEqual([]);
    expect(type('j j b').wishes).toEqual([]);
    expect(type('G o').wishes).toEqual([order({ kind: 'open', url: 'http://127.0.0.1:8000' })]);
    expect(type('G y').wishes).toEqual([order({ kind: 'copy', text: 'http://127.0.0.1:8000' })]);
    expect(type('w').wishes).toEqual([order({ kind: 'watch', on: false })]);
  });

  test('are about the replica that is selected', () => {
    const second = { number: 2, id: 'webui2222', name: 'coins-webui-2' };
    const ports = [{ hostIp: '127.0.0.1', hostPort: 8002, containerPort: 80, protocol: 'tcp' }] as const;
    const world = worldOf([
      ...recordings.ready,
      ...at([30, container('webui', 'running', { ...second, ports: [...ports] })]),
    ]);
    expect(type('G o', world).wishes).toEqual([order({ kind: 'open', url: 'http://127.0.0.1:8002' })]);
    expect(type('G k k o', world).wishes).toEqual([order({ kind: 'open', url: 'http://127.0.0.1:8000' })]);
  });

  test('are answered until one goes on', () => {
    const { state } = type('= x enter');
    expect(state.message).toBeDefined();
    const go = (key: Key) => press(state, key, ready).state;
    expect(go('j').message).toBeUndefined();
    expect(go('escape')).toMatchObject({ message: undefined, selected: state.selected });
  });

  test('with a number refuse what is none', () => {
    expect(type('= x enter').wishes).toEqual([]);
    // What is wrong is told where the line was typed, which is gone then.
    const wrong = type('= x enter');
    expect(wrong.wishes).toEqual([]);
    expect(wrong.state).toMatchObject({ over: undefined, message: { text: 'x: not a number of replicas' } });
    expect(type('= 4 enter').wishes).toEqual([order({ kind: 'scale', service: 'rng', count: 4 })]);
  });
});

describe('the palette', () => {
  test('has every order for every service that it makes sense for', () => {
    const words = choicesOf(ready).map((choice) => choice.words);
    for (const verb of ['restart', 'stop', 'rebuild', 'recreate', 'pause', 'kill', 'scale', 'shell in']) {
      expect(words).toContain(`${verb} worker`);
    }
    expect(words).not.toContain('start worker');
    expect(words).not.toContain('rebuild redis');
    expect(words).toContain('open webui at http://127.0.0.1:8000');
    expect(new Set(words).size).toBe(words.length);
    const none = choicesOf({ ...ready, offers: () => false }).map((choice) => choice.words);
    expect(none.filter((word) => /restart|stop .|kill|down/.test(word))).toEqual([
      'leave, and stop everything',
    ]);
    const onlooker = choicesOf({ ...ready, interruptStops: false }).map((choice) => choice.words);
    expect(onlooker).toContain('leave this screen');
  });

  test('finds by letters in their order, whole words first', () => {
    const first = (text: string) => matching(choicesOf(ready), text)[0]?.words;
    expect(first('rswo')).toBe('restart worker');
    expect(first('kill red')).toBe('kill redis');
    expect(first('down')).toBe('down: stop and remove everything');
    expect(first('zzz')).toBeUndefined();
  });

  test('finds what has the letters, and nothing else', () => {
    const all = choicesOf(ready);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'restawok l'), maxLength: 5 }), (text) => {
        const wanted = [...text.replaceAll(' ', '')].join('.*');
        const expected = all.filter(({ words }) => new RegExp(wanted, 'i').test(words));
        expect(new Set(matching(all, text))).toEqual(new Set(expected));
      }),
    );
  });

  test('does what is chosen', () => {
    expect(type(': r s w o enter').wishes).toEqual([order({ kind: 'restart', services: ['worker'] })]);
    expect(type(': k i l l r e d enter').state.over).toMatchObject({ kind: 'confirm' });
    expect(type(': s c a l e w o r enter 3 enter').state.over).toBeUndefined();
    expect(type('ctrl-k escape').state).toEqual(initialFull);
    expect(type(': backspace').state).toEqual(initialFull);
  });
});

describe('the logs', () => {
  test('are filtered with each letter, and as before if that is given up', () => {
    const typing = type('/ t r a c e').state;
    expect(typing.logs.filter.pattern?.text).toBe('trace');
    expect(type('escape', ready, typing).state.logs.filter.pattern).toBeUndefined();
    expect(type('enter', ready, typing).state.logs.filter.pattern?.text).toBe('trace');
    expect(type('enter u', ready, typing).state.logs.filter.pattern).toBeUndefined();
  });

  test('of one service alone are a digit away, and those of all', () => {
    expect(type('4').state.logs.filter.solo).toBe('worker');
    expect(type('9').state.logs.filter.solo).toBeUndefined();
    expect(type('4 0').state.logs.filter.solo).toBeUndefined();
    const opened = type('j enter').state;
    expect([opened.logs.filter.solo, opened.focus]).toEqual(['hasher', 'pane']);
    const back = type('escape escape', ready, opened).state;
    expect([back.logs.filter.solo, back.focus]).toEqual([undefined, undefined]);
  });

  test('are saved as they are shown', () => {
    const path = 'coins.log';
    const [wish] = type('4 ctrl-s enter').wishes;
    expect(wish).toEqual(order({ kind: 'save', path, text: expect.stringContaining('INFO 4 units') }));
    expect(JSON.stringify(wish)).not.toContain('Sinatra');
  });
});

test('text that is pasted is typed where text is typed, and nowhere else', () => {
  expect(paste(initialFull, 'Dy', ready)).toEqual({ state: initialFull });
  const typing = type('/').state;
  expect(paste(typing, 'two\nlines', ready).state.logs.filter.pattern?.text).toBe('two lines');
  expect(paste(type(':').state, 'kill', ready).state.over).toMatchObject({ text: 'kill' });
  const { over } = paste(typing, 'x'.repeat(1_000_000), ready).state;
  expect(over?.kind === 'input' && over.text.length).toBe(500);
});

test('tabs go round, and scroll as far as there is something', () => {
  const tabs = tabsOf(ready);
  expect(tabs).toEqual(['logs', 'why', 'env', 'build', 'processes', 'stats', 'inspect', 'timeline']);
  expect(type(tabs.map(() => ']').join(' ')).state.tab).toBe('logs');
  expect(type('[').state.tab).toBe('timeline');
  const lines = Array.from({ length: 100 }, (_, place) => `line ${place}`);
  const long = { ...ready, read: () => ({ lines, pending: false }) };
  expect(type('E tab G', long).state.scroll).toBeGreaterThan(50);
  expect(type('E tab G g k', long).state.scroll).toBe(0);
  expect(type('E tab j j', ready).state.scroll).toBe(0);
  expect(tabsOf({ ...ready, canRead: false })).toEqual(['logs', 'build', 'stats', 'timeline']);
});

test('Ctrl-C is asked for wherever one is', () => {
  for (const before of ['?', ':', '/', 'D', 'j']) {
    expect(type(`${before} ctrl-c`).wishes).toEqual([{ kind: 'interrupt' }]);
  }
});

test('a flood does not move what is read', () => {
  const flood = at(
    ...Array.from({ length: 300 }, (_, n): [number, ReturnType<typeof logs>] => [
      5 + n / 100,
      logs('worker', [`line ${n}`]),
    ]),
  );
  const before = worldOf([...recordings.ready, ...flood.slice(0, 100)], { columns: 120, rows: 30 });
  const paused = type('space', before).state;
  const after = worldOf([...recordings.ready, ...flood], { columns: 120, rows: 30 });
  expect(paused.logs.top).toBeDefined();
  expect(type('page-up page-down space', after, paused).state.logs.top).toBeUndefined();
});
