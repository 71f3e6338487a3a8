import { isBoundIn, type KeyAction, keyActions, shownKey, wordsOf } from '../keys.ts';
import type { Line } from '../spans.ts';
import { tabsOf } from './pane.ts';
import { type FullState, placeOf } from './state.ts';
import type { World } from './world.ts';

const titles: readonly (readonly [topic: string, title: string])[] = [
  ['services', 'in the list of services'],
  ['pane', 'in the pane'],
  ['logs', 'logs'],
  ['tab', 'what the pane shows'],
  ['service', 'the selected service'],
  ['stack', 'the stack'],
  ['screen', 'the screen'],
];

/** What the keys do where one is: what means something there alone comes first. */
export function helpLines(state: FullState, world: World, columns: number): readonly Line[] {
  const { keys, ascii } = world;
  const place = placeOf(state, world);
  const rows = titles.flatMap(([topic, title]): (readonly [keys: string, words: string])[] => {
    const actions = keyActions.filter(
      (action) => action.startsWith(`${topic}.`) && isBoundIn(action, place) && isPossible(action, world),
    );
    if (actions.length === 0) return [];
    return [
      ['', title],
      ...actions.map((action): readonly [string, string] => [
        keys[action].length > 4
          ? `${shownKey(keys[action][0] ?? '', ascii)}-${shownKey(keys[action].at(-1) ?? '', ascii)}`
          : keys[action].map((key) => shownKey(key, ascii)).join(' '),
        describe(action, world),
      ]),
    ];
  });
  const lines = rows.map(([bound, words]): Line => {
    if (bound === '' && titles.some(([, title]) => title === words)) return [{ text: words, style: 'bold' }];
    return [{ text: `  ${bound.padEnd(14)}`, style: 'cyan' }, { text: words }];
  });
  return inColumns(lines, columns);
}

/** Whether there is something that would be done; orders nobody takes have no key. */
export function isPossible(action: KeyAction, world: World): boolean {
  const { offers, canDetach, canSuspend } = world;
  switch (action) {
    case 'screen.detach':
      return canDetach;
    case 'screen.suspend':
      return canSuspend;
    case 'tab.why':
    case 'tab.env':
    case 'tab.inspect':
    case 'tab.timeline':
      return tabsOf(world).some((tab) => action === `tab.${tab}`);
    case 'logs.edit':
      return offers('edit');
    case 'logs.save':
      return offers('save');
    case 'logs.copy':
    case 'service.copy':
      return offers('copy');
    case 'service.toggle':
      return offers('start') || offers('stop');
    case 'service.more':
    case 'service.fewer':
    case 'service.scale':
      return offers('scale');
    case 'service.restart':
      return offers('restart');
    case 'service.rebuild':
      return offers('rebuild');
    case 'service.recreate':
      return offers('recreate');
    case 'service.pause':
      return offers('pause');
    case 'service.kill':
      return offers('kill');
    case 'service.shell':
      return offers('shell');
    case 'service.run':
      return offers('run');
    case 'service.open':
      return offers('open');
    case 'stack.apply':
      return offers('apply');
    case 'stack.watch':
      return offers('watch');
    case 'stack.down':
      return offers('down');
    default:
      return true;
  }
}

function describe(action: KeyAction, { interruptStops, view }: World): string {
  if (action !== 'screen.interrupt') return wordsOf(action);
  if (!interruptStops) return 'leave';
  return view.phase === 'stopping' ? 'kill now' : 'stop all; again: kill';
}

/** Side by side where there is room. */
function inColumns(lines: readonly Line[], columns: number): readonly Line[] {
  const width = 44;
  const count = Math.max(1, Math.min(3, Math.floor(columns / width)));
  const height = Math.ceil(lines.length / count);
  if (count === 1) return lines;
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: count }, (_unused, column): Line => {
      const line = lines[column * height + row] ?? [];
      const taken = line.reduce((sum, { text }) => sum + text.length, 0);
      return [...line, { text: ' '.repeat(Math.max(1, width - taken)) }];
    }).flat(),
  );
}
