import { expect, test } from 'vitest';
import { initialView, reduce } from '../../src/report/reduce.ts';
import type { View } from '../../src/report/view.ts';
import { type FooterOptions, layOutFooter } from '../../src/terminal/inline/footer.ts';
import { applyKeys } from '../../src/terminal/keys.ts';
import { type Line, widthOfLine } from '../../src/terminal/spans.ts';
import { isTicking } from '../../src/terminal/status.ts';
import fc from '../helpers/chance.ts';
import { at, container, directory, type RecordingName, recordings, start } from '../report/recording.ts';

function viewOf(name: RecordingName): View {
  return recordings[name].reduce(reduce, initialView);
}

function options(more: Partial<FooterOptions> = {}): FooterOptions {
  return {
    columns: 80,
    rows: 24,
    now: start + 3_000,
    ascii: false,
    hasKeys: true,
    canDetach: false,
    ...more,
  };
}

function text(lines: readonly Line[]): readonly string[] {
  return lines.map((line) => line.map((span) => span.text).join(''));
}

const names = fc.constantFrom(...(Object.keys(recordings) as RecordingName[]));

test('is never as tall as the screen nor as wide, whatever has happened', () => {
  fc.assert(
    fc.property(
      names,
      fc.nat(60),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 100 }),
      fc.boolean(),
      (name, events, columns, rows, ascii) => {
        const view = recordings[name].slice(0, events).reduce(reduce, initialView);
        const lines = layOutFooter(view, options({ columns, rows, ascii }));
        expect(lines.length).toBeLessThanOrEqual(rows < 8 ? 1 : Math.max(3, Math.min(8, rows / 3)));
        for (const line of lines) expect(widthOfLine(line)).toBeLessThanOrEqual(Math.max(1, columns - 1));
        if (ascii) expect(text(lines).join('')).toMatch(/^[ -~]*$/);
      },
    ),
  );
});

test('counts the columns of wide characters', () => {
  const [loaded] = at([
    0,
    {
      type: 'stack-loaded',
      name: '店',
      directory,
      files: [],
      services: ['データベース', 'web🚀'].map((name) => ({ name, image: 'x', built: false, dependsOn: [] })),
    },
  ]);
  if (loaded === undefined) throw new Error('nothing to play');
  const running = at([1, container('データベース', 'running'), container('web🚀', 'running')]);
  const view = [loaded, ...running].reduce(reduce, initialView);
  expect(text(layOutFooter(view, options({ hasKeys: false })))).toEqual([
    ' ',
    '店  2/2 ready · loading',
    '● データベース  running  ',
    '● web🚀         running  ',
  ]);
  for (const line of layOutFooter(view, options({ columns: 41 }))) expect(widthOfLine(line)).toBeLessThan(41);
});

test('tells the number of replicas that run', () => {
  const second = { number: 2, id: 'worker2', name: 'coins-worker-2' };
  const view = at(
    [10, container('worker', 'running', second)],
    [11, container('worker', 'exited', { ...second, exitCode: 139 })],
  ).reduce(reduce, viewOf('ready'));
  expect(text(layOutFooter(view, options()))).toContain(
    '✗ worker  failed   exit 139: segmentation fault, SIGSEGV after 1.0s',
  );
});

test('ticks only while something goes on', () => {
  expect(isTicking(viewOf('waiting'))).toBe(true);
  expect(isTicking(viewOf('ready'))).toBe(false);
  expect(isTicking(viewOf('rebuilding'))).toBe(true);
  expect(isTicking(viewOf('rebuilt'))).toBe(false);
  expect(isTicking(viewOf('broken'))).toBe(false);
});

test('shows the step of a build and how long it has taken', () => {
  const view = viewOf('rebuilding');
  expect(text(layOutFooter(view, options({ now: start + 63_000 })))).toEqual([
    ' ',
    'coins  4/5 ready · building rng · 3s',
    '◐ rng     building  [3/3] COPY rng.py /  3s',
    '● hasher  running   ',
    '● redis   healthy   localhost:6379',
    '● worker  running   ',
    '● webui   running   http://127.0.0.1:8000',
    '^C stop (again: kill) · f full · ? keys',
  ]);
});

test('claims nothing to be ready once all is stopped', () => {
  const stopped = at([20, { type: 'stack-stopped' }]).reduce(reduce, viewOf('ready'));
  expect(text(layOutFooter(stopped, options())).join('\n')).not.toMatch(/\d ready/);
  expect(text(layOutFooter(viewOf('stopped'), options()))).toContain('coins  stopped · 1 failed');
});

test('says that the engine is away for as long as it is', () => {
  const problem = (code: 'engine-gone' | 'engine-back') =>
    ({ type: 'problem-found', problem: { code, severity: 'warning', message: code } }) as const;
  const away = at([20, problem('engine-gone')]).reduce(reduce, viewOf('ready'));
  expect(text(layOutFooter(away, options()))).toContainEqual(
    expect.stringMatching(/^coins {2}the engine is away · 5\/5 ready/),
  );
  const back = at([30, problem('engine-back')]).reduce(reduce, away);
  expect(text(layOutFooter(back, options())).join('\n')).not.toContain('away');
  expect(back.problems).toEqual([]);
});

test('offers to kill once it stops', () => {
  const view = at([20, { type: 'stop-requested', force: false }]).reduce(reduce, viewOf('ready'));
  expect(text(layOutFooter(view, options({ canDetach: true }))).at(-1)).toBe('^C kill now');
});

test('names the keys that the user has chosen', () => {
  const { keys } = applyKeys({ 'screen.full': ['ctrl-g'], 'screen.detach': ['Q'], 'screen.help': [] });
  const lines = text(layOutFooter(viewOf('ready'), options({ canDetach: true, keys })));
  expect(lines.at(-1)).toBe('^C stop (again: kill) · Q detach · ^G full');
});
