import { describe, expect, test } from 'vitest';
import type { FileSet } from '../../src/model/runtime.ts';
import {
  type Changes,
  changesOf,
  isWatchable,
  joinChanges,
  planChanges,
  planRebuild,
  planRenewal,
  responsesTo,
  type Trigger,
} from '../../src/plan/watch.ts';
import fc from '../helpers/chance.ts';
import { planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const below = (folder: string): FileSet => ({
  folders: [folder],
  includes: (file) => file === folder || file.startsWith(`${folder}/`),
  prunes: () => false,
});

const sync = (from: string, to: string, action: Trigger['action'] = 'sync'): Trigger => ({
  action,
  files: below(from),
  copy: { to, nameOf: (file) => file.slice(from.length + 1) },
});
const command = { index: 3, hook: { command: ['make'] } };
const triggers: readonly Trigger[] = [
  sync('/shop/src', '/app'),
  { ...sync('/shop/pages', 'relative/pages/', 'sync+exec'), command },
  sync('/shop/conf', '/etc/conf', 'sync+restart'),
  { action: 'restart', files: below('/shop/now') },
  { action: 'rebuild', files: below('/shop/package.json') },
];
const web = { name: 'web', triggers };

describe('what a batch leads to', () => {
  test('nothing, for files that are no business of the service', () => {
    expect(changesOf(web, ['/shop/other', '/shop/srcs/a'])).toBeUndefined();
  });

  test('each file goes to its place below the target; a file that is watched by itself is the target', () => {
    const changes = changesOf(web, ['/shop/src/a/b.js', '/shop/pages/x', '/shop/conf', '/shop/elsewhere']);
    expect(changes?.files).toEqual([
      { source: '/shop/src/a/b.js', target: '/app/a/b.js' },
      { source: '/shop/pages/x', target: '/relative/pages/x' },
      { source: '/shop/conf', target: '/etc/conf' },
    ]);
    expect(changes?.paths).toEqual(['/shop/src/a/b.js', '/shop/pages/x', '/shop/conf']);
    expect(changes && responsesTo(changes)).toEqual(['sync', 'restart', 'exec']);
  });

  test('one file may be the business of several rules', () => {
    const twice = { name: 'web', triggers: [sync('/shop/src', '/a'), sync('/shop', '/b')] };
    expect(changesOf(twice, ['/shop/src/x'])?.files.map(({ target }) => target)).toEqual([
      '/a/x',
      '/b/src/x',
    ]);
  });

  test('a batch leads to what its files lead to one by one', () => {
    const file = fc.constantFrom(
      ...['src/a', 'src/b/c', 'pages/x', 'conf', 'now', 'package.json', 'other'].map(
        (name) => `/shop/${name}`,
      ),
    );
    fc.assert(
      fc.property(fc.array(file), (paths) => {
        const alone = paths.flatMap((one) => changesOf(web, [one]) ?? []);
        const joined = alone.reduce<Changes | undefined>(joinChanges, undefined);
        const together = changesOf(web, paths);
        expect(asSets(together)).toEqual(asSets(joined));
        // What failed is tried again with what has come since: it must not be done twice.
        if (together !== undefined) expect(joinChanges(together, together)).toEqual(together);
      }),
    );
  });
});

function asSets(changes: Changes | undefined) {
  if (changes === undefined) return undefined;
  const { paths, files, commands, ...rest } = changes;
  return {
    ...rest,
    paths: new Set(paths),
    files: new Set(files.map(({ target }) => target)),
    commands: new Set(commands),
  };
}

describe('the plan for a batch', () => {
  const stack = stackOf({
    web: { image: 'web', scale: 2, post_start: [{ command: ['warm'] }] },
    proxy: {
      image: 'proxy',
      depends_on: { web: { condition: 'service_started', restart: true, required: true } },
    },
    db: { image: 'db' },
  });
  const second = { id: 'web-id-2', number: 2, name: 'shop-web-2' };
  const containers = [
    runningContainer(stack, 'web'),
    runningContainer(stack, 'web', second),
    runningContainer(stack, 'web', { number: 0, oneOff: true, id: 'run', name: 'shop-web-run' }),
    runningContainer(stack, 'proxy'),
    runningContainer(stack, 'db'),
  ];
  const files = [{ source: '/shop/src/a', target: '/app/a' }];
  const none = { paths: [], files: [], restart: false, commands: [] };

  test('files first, then restarts with those that ask for it, then commands', () => {
    const changes = { ...none, files, restart: true, commands: [command] };
    expect(planText(planChanges(stack, { containers }, 'web', changes, 'a changed'))).toEqual([
      'sync:web-1 (a changed)',
      'sync:web-2 (a changed)',
      'restart:web-id-0123456789abcdef (a changed) after sync:web-1, sync:web-2',
      'post_start:web-1:0 (it has started) after restart:web-id-0123456789abcdef',
      'restart:web-id-2 (a changed) after sync:web-1, sync:web-2',
      'post_start:web-2:0 (it has started) after restart:web-id-2',
      'restart:proxy-id-0123456789abcdef (web restarts) after sync:web-1, sync:web-2, post_start:web-1:0, post_start:web-2:0',
      'run:web-1:3 (a changed) after sync:web-1, sync:web-2, restart:web-id-0123456789abcdef, post_start:web-1:0, restart:web-id-2, post_start:web-2:0',
      'run:web-2:3 (a changed) after sync:web-1, sync:web-2, restart:web-id-0123456789abcdef, post_start:web-1:0, restart:web-id-2, post_start:web-2:0',
    ]);
  });

  test('each step comes after those it follows, whatever the batch', () => {
    const any = fc.record({
      files: fc.constantFrom([], files),
      restart: fc.boolean(),
      commands: fc.subarray([command, { index: 5, hook: { command: ['x'] } }]),
    });
    fc.assert(
      fc.property(any, (some) => {
        const { steps } = planChanges(stack, { containers }, 'web', { ...none, ...some }, 'x');
        const seen = new Set<string>();
        for (const { id, after } of steps) {
          expect(after.filter((other) => !seen.has(other))).toEqual([]);
          seen.add(id);
        }
      }),
    );
  });

  test('a command is run where something runs; files are for all, which may be started later', () => {
    const ended = containers.map((one) => (one.number === 2 ? { ...one, state: 'exited' as const } : one));
    const changes = { ...none, files, commands: [command] };
    expect(planText(planChanges(stack, { containers: ended }, 'web', changes, 'x'))).toEqual([
      'sync:web-1 (x)',
      'sync:web-2 (x)',
      'run:web-1:3 (x) after sync:web-1, sync:web-2',
    ]);
  });
});

describe('a new image', () => {
  const build = { context: '/shop', dockerfile: 'Dockerfile' };
  const stack = stackOf({
    one: { build },
    two: { build },
    never: { image: 'x', depends_on: { one: { condition: 'service_started', required: true } } },
    job: { image: 'job' },
  });
  const wishes = { services: ['one', 'two'], begun: new Set<string>(), initialFiles: {} };

  test('is built once for services that are built in the same way, with the name of each', () => {
    const { steps } = planRebuild(stack, ['one', 'two'], 'a changed');
    expect(steps.map(({ id }) => id)).toEqual(['build:shop-one']);
    expect(steps[0]?.action).toMatchObject({ image: 'shop-one', build: { tags: ['shop-two'] } });
  });

  test('replaces containers and is followed by pruning; what has ended is left alone, what never began is started', () => {
    const observed = runningState(stack);
    const newer = { ...observed.images, 'shop-one': { id: 'sha256:new', labels: {}, volumes: [] } };
    const containers = observed.containers.map((one) => {
      if (one.service === 'never') return { ...one, state: 'created' as const };
      return one.service === 'job' ? { ...one, state: 'exited' as const, exitCode: 0 } : one;
    });
    const state = { ...observed, images: newer, containers };
    const ids = (kept?: number) =>
      planRenewal(stack, state, { ...wishes, keptImages: kept }).steps.map(({ id }) => id);
    expect(ids(3)).toEqual([
      'create:one-1',
      'stop:one-id-0123456789abcdef',
      'remove:one-id-0123456789abcdef',
      'rename:one-1',
      'start:one-1',
      'start:never-1',
      'prune-images:shop',
    ]);
    expect(ids()).not.toContain('prune-images:shop');
  });

  test('gets the files it is to begin with before it starts', () => {
    const files = [{ source: '/shop/src/a', target: '/app/a' }];
    const plan = planRenewal(
      stack,
      { ...runningState(stack), containers: [] },
      { ...wishes, keptImages: 3, initialFiles: { one: files } },
    );
    expect(planText(plan).filter((step) => /:one-1/.test(step))).toEqual([
      'create:one-1 (it does not exist)',
      'sync:one-1 (initial_sync asks for it) after create:one-1',
      'start:one-1 (it is to run) after create:one-1, sync:one-1',
    ]);
  });
});

describe('a new image concerns no other service', () => {
  const build = { context: '/shop' };
  const other = { image: 'x', environment: { V: 'one' } };
  const stack = stackOf({
    w: { build, networks: { default: null } },
    other,
    with: { image: 'x', depends_on: { w: { condition: 'service_started', required: true, restart: true } } },
    beside: { image: 'x', network_mode: 'service:w' },
  });
  const before = runningState(stack);
  const newer = { ...before.images, 'shop-w': { id: 'sha256:new', labels: {}, volumes: [] } };
  const wishes = { services: ['w'], begun: new Set(['w']), initialFiles: {} };
  const renew = (changed: typeof stack, observed: typeof before) =>
    planRenewal(changed, { ...observed, images: newer }, wishes).steps.map(({ id }) => id);

  test('whatever has become of its definition, but what follows the new container', () => {
    const changed = {
      ...stack,
      services: { ...stack.services, other: { ...other, environment: { V: 'two' } }, more: { image: 'x' } },
      volumes: { data: { name: 'shop_data' } },
    };
    const ids = renew(changed, before);
    expect(ids.filter((id) => /other|more|volume/.test(id))).toEqual([]);
    expect(ids).toContain('create:w-1');
    expect(ids).toContain('create:beside-1');
    expect(ids).toContain('start:with-1');
    expect(ids).not.toContain('create:with-1');
  });

  test('and as many containers are replaced as there are, whatever the file says', () => {
    const own = before.containers.filter(({ service }) => service === 'w');
    const second = own.map((one) => ({ ...one, id: 'second', number: 2, name: 'shop-w-2' }));
    const grown = { ...before, containers: [...before.containers, ...second] };
    expect(renew(stack, grown).filter((id) => id.startsWith('create:w'))).toEqual([
      'create:w-1',
      'create:w-2',
    ]);
    const none = { ...before, containers: before.containers.filter(({ service }) => service !== 'w') };
    expect(renew(stack, none)).toEqual([]);
  });
});

test('what is watched: services with rules, and those that are built unless they say no', () => {
  const build = { context: '/shop' };
  const watch = [{ path: '/shop/a', action: 'restart' as const }];
  expect(isWatchable({ build })).toBe(true);
  expect(isWatchable({ build, develop: { watch: [] } })).toBe(true);
  expect(isWatchable({ image: 'x', develop: { watch } })).toBe(true);
  expect(isWatchable({ image: 'x' })).toBe(false);
  expect(isWatchable({ build, 'x-stack': { watch: false } })).toBe(false);
  expect(isWatchable({ build, 'x-stack': { watch: false }, develop: { watch } })).toBe(true);
});
