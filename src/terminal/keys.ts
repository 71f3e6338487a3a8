import { nearest } from '../model/nearest.ts';

/** Where a key means something: everywhere, or only while the list of services or the pane beside it has the focus. */
export type Place = 'anywhere' | Focus;

/** What can have the focus. */
export type Focus = 'services' | 'pane';

/** A key by its name: `a`, `?`, `ctrl-k`, `page-up`, `enter`. */
export type Key = string;

interface Binding {
  readonly place: Place;
  readonly keys: readonly Key[];
  /** What it does, as it is told in a line of keys. */
  readonly words: string;
}

const table = {
  'screen.help': { place: 'anywhere', keys: ['?'], words: 'keys' },
  'screen.palette': { place: 'anywhere', keys: [':', 'ctrl-k'], words: 'command' },
  'screen.full': { place: 'anywhere', keys: ['f'], words: 'full screen and back' },
  'screen.focus': { place: 'anywhere', keys: ['tab'], words: 'other pane' },
  'screen.back': { place: 'anywhere', keys: ['escape'], words: 'back' },
  'screen.redraw': { place: 'anywhere', keys: ['ctrl-l'], words: 'draw anew' },
  'screen.suspend': { place: 'anywhere', keys: ['ctrl-z'], words: 'suspend' },
  'screen.detach': { place: 'anywhere', keys: ['q', 'd'], words: 'detach' },
  'screen.interrupt': { place: 'anywhere', keys: ['ctrl-c'], words: 'stop' },

  'services.up': { place: 'services', keys: ['up', 'k'], words: 'up' },
  'services.down': { place: 'services', keys: ['down', 'j'], words: 'down' },
  'services.first': { place: 'services', keys: ['home', 'g'], words: 'first' },
  'services.last': { place: 'services', keys: ['end', 'G'], words: 'last' },
  'services.open': { place: 'services', keys: ['enter'], words: 'its logs' },

  'pane.up': { place: 'pane', keys: ['up', 'k'], words: 'up' },
  'pane.down': { place: 'pane', keys: ['down', 'j'], words: 'down' },
  'pane.top': { place: 'pane', keys: ['home', 'g'], words: 'top' },
  'pane.bottom': { place: 'pane', keys: ['end', 'G'], words: 'bottom' },
  'pane.left': { place: 'pane', keys: ['left'], words: 'left' },
  'pane.right': { place: 'pane', keys: ['right'], words: 'right' },
  'pane.page-up': { place: 'anywhere', keys: ['page-up', 'ctrl-b'], words: 'page up' },
  'pane.page-down': { place: 'anywhere', keys: ['page-down', 'ctrl-f'], words: 'page down' },

  'tab.next': { place: 'anywhere', keys: [']'], words: 'next tab' },
  'tab.previous': { place: 'anywhere', keys: ['['], words: 'previous tab' },
  'tab.logs': { place: 'anywhere', keys: ['l'], words: 'logs' },
  'tab.why': { place: 'anywhere', keys: ['p'], words: 'plan and why' },
  'tab.env': { place: 'anywhere', keys: ['E'], words: 'environment' },
  'tab.build': { place: 'anywhere', keys: ['B'], words: 'build' },
  'tab.inspect': { place: 'anywhere', keys: ['i'], words: 'inspect' },
  'tab.timeline': { place: 'anywhere', keys: ['T'], words: 'timeline' },

  'logs.follow': { place: 'anywhere', keys: ['space'], words: 'pause' },
  'logs.filter': { place: 'anywhere', keys: ['/'], words: 'filter' },
  'logs.search': { place: 'anywhere', keys: ['F'], words: 'search' },
  'logs.next': { place: 'anywhere', keys: ['n'], words: 'next match' },
  'logs.previous': { place: 'anywhere', keys: ['N'], words: 'previous match' },
  'logs.next-error': { place: 'anywhere', keys: ['x'], words: 'next error' },
  'logs.previous-error': { place: 'anywhere', keys: ['X'], words: 'previous error' },
  'logs.first-error': { place: 'anywhere', keys: ['!'], words: 'first error' },
  'logs.clear': { place: 'anywhere', keys: ['u'], words: 'no filter' },
  'logs.level': { place: 'anywhere', keys: ['L'], words: 'level' },
  'logs.stream': { place: 'anywhere', keys: ['V'], words: 'stdout or stderr' },
  'logs.solo': {
    place: 'anywhere',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    words: 'one service alone',
  },
  'logs.all': { place: 'anywhere', keys: ['0'], words: 'all services' },
  'logs.mute': { place: 'anywhere', keys: ['m'], words: 'mute' },
  'logs.mark': { place: 'anywhere', keys: ['c'], words: 'since here' },
  'logs.wrap': { place: 'anywhere', keys: ['z'], words: 'wrap' },
  'logs.times': { place: 'anywhere', keys: ['t'], words: 'times' },
  'logs.pretty': { place: 'anywhere', keys: ['J'], words: 'JSON lines in full' },
  'logs.edit': { place: 'anywhere', keys: ['e'], words: 'open in the editor' },
  'logs.save': { place: 'anywhere', keys: ['ctrl-s'], words: 'save' },
  'logs.copy': { place: 'anywhere', keys: ['Y'], words: 'copy what is shown' },

  'service.restart': { place: 'anywhere', keys: ['r'], words: 'restart' },
  'service.rebuild': { place: 'anywhere', keys: ['b'], words: 'rebuild' },
  'service.recreate': { place: 'anywhere', keys: ['C'], words: 'recreate' },
  'service.toggle': { place: 'anywhere', keys: ['S'], words: 'start or stop' },
  'service.pause': { place: 'anywhere', keys: ['P'], words: 'pause or go on' },
  'service.kill': { place: 'anywhere', keys: ['K'], words: 'kill' },
  'service.shell': { place: 'anywhere', keys: ['s'], words: 'shell' },
  'service.run': { place: 'anywhere', keys: ['R'], words: 'run a one-off' },
  'service.open': { place: 'anywhere', keys: ['o'], words: 'open in the browser' },
  'service.copy': { place: 'anywhere', keys: ['y'], words: 'copy its address' },
  'service.more': { place: 'anywhere', keys: ['+'], words: 'one more replica' },
  'service.fewer': { place: 'anywhere', keys: ['-'], words: 'one replica less' },
  'service.scale': { place: 'anywhere', keys: ['='], words: 'scale' },
  'stack.apply': { place: 'anywhere', keys: ['a'], words: 'apply what the file says' },
  'stack.watch': { place: 'anywhere', keys: ['w'], words: 'watch' },
  'stack.down': { place: 'anywhere', keys: ['D'], words: 'down' },
} as const satisfies Record<string, Binding>;

/** What can be bound to a key. */
export type KeyAction = keyof typeof table;

/** What each key does. */
export type KeyMap = Readonly<Record<KeyAction, readonly Key[]>>;

/** Why a setting of the user's was not taken; the default holds then. */
export interface KeyFault {
  readonly action: string;
  readonly message: string;
  readonly hint?: string;
}

export const keyActions = Object.keys(table) as readonly KeyAction[];

export const defaultKeys = Object.fromEntries(
  keyActions.map((action) => [action, table[action].keys]),
) as unknown as KeyMap;

/** The keys with the user's own, e.g. `{ 'logs.filter': ['ctrl-g'] }`; an empty list leaves an action without a key. */
export function applyKeys(settings: Readonly<Record<string, readonly Key[]>>): {
  readonly keys: KeyMap;
  readonly faults: readonly KeyFault[];
} {
  const faults: KeyFault[] = [];
  const wanted = new Map<KeyAction, readonly Key[]>();
  for (const [action, keys] of Object.entries(settings)) {
    const fault = faultOf(action, keys);
    if (fault !== undefined) faults.push(fault);
    else if (isKeyAction(action)) wanted.set(action, keys);
  }
  // Taking one setting back can bring another into conflict, with the default that holds again.
  for (;;) {
    const keys: KeyMap = { ...defaultKeys, ...Object.fromEntries(wanted) };
    const clash = findClash(keys, wanted);
    if (clash === undefined) return { keys, faults };
    wanted.delete(clash.action);
    faults.push(clash);
  }
}

/** What a key does in a place, if anything; what is bound to that place alone comes before what is bound everywhere. */
export function actionOf(keys: KeyMap, place: Place, key: Key): KeyAction | undefined {
  const bound = keyActions.filter((action) => keys[action].includes(key));
  return (
    bound.find((action) => table[action].place === place) ??
    bound.find((action) => table[action].place === 'anywhere')
  );
}

/** What an action does, in words. */
export function wordsOf(action: KeyAction): string {
  return table[action].words;
}

/** Where an action has its keys. */
export function placeOfAction(action: KeyAction): Place {
  return table[action].place;
}

/** Whether it has a meaning in that place. */
export function isBoundIn(action: KeyAction, place: Place): boolean {
  const own = placeOfAction(action);
  return own === 'anywhere' || own === place;
}

/** How a key is written on the screen: `^K`, `↑`, `Enter`. */
export function shownKey(key: Key, ascii: boolean): string {
  const control = /^ctrl-(.)$/.exec(key)?.[1];
  if (control !== undefined) return `^${control.toUpperCase()}`;
  const look = looks[key];
  return look === undefined ? key : look[ascii ? 1 : 0];
}

const looks: Readonly<Record<string, readonly [unicode: string, ascii: string]>> = {
  up: ['↑', 'Up'],
  down: ['↓', 'Down'],
  left: ['←', 'Left'],
  right: ['→', 'Right'],
  'page-up': ['PgUp', 'PgUp'],
  'page-down': ['PgDn', 'PgDn'],
  home: ['Home', 'Home'],
  end: ['End', 'End'],
  enter: ['⏎', 'Enter'],
  escape: ['Esc', 'Esc'],
  tab: ['Tab', 'Tab'],
  'shift-tab': ['⇧Tab', 'S-Tab'],
  backspace: ['⌫', 'Backspace'],
  delete: ['Del', 'Del'],
  space: ['Space', 'Space'],
};

/** Keys that are no characters. */
export const namedKeys = Object.keys(looks);

/** Terminals send the same for these: `ctrl-i` is `tab`, `ctrl-m` is `enter`. */
const indistinct = new Set(['ctrl-i', 'ctrl-m', 'ctrl-j', 'ctrl-h']);

function isKey(key: string): boolean {
  return Object.hasOwn(looks, key) || /^(?:[!-~]|ctrl-[a-z]|[^\p{Cc}\p{Z}\p{M}\p{Cs}])$/u.test(key);
}

function isKeyAction(name: string): name is KeyAction {
  return Object.hasOwn(table, name);
}

function faultOf(action: string, keys: readonly Key[]): KeyFault | undefined {
  if (!isKeyAction(action)) {
    const meant = nearest(action, keyActions);
    return {
      action,
      message: `no such action: ${action}`,
      hint:
        meant === undefined
          ? 'stack tells all actions with `?` in the full screen'
          : `did you mean \`${meant}\`?`,
    };
  }
  // Whatever else is bound wrongly, there is a way out.
  if (action === 'screen.interrupt')
    return { action, message: 'Ctrl-C always stops; it cannot be another key' };
  const wrong = keys.find((key) => !isKey(key) || indistinct.has(key));
  if (wrong === undefined) return undefined;
  if (indistinct.has(wrong)) {
    return { action, message: `terminals cannot tell ${wrong} from another key`, hint: 'choose another one' };
  }
  const meant = nearest(wrong, namedKeys);
  const kinds = 'a key is one character, `ctrl-` and a letter, or one of ';
  return {
    action,
    message: `no such key: ${wrong}`,
    hint: meant === undefined ? `${kinds}${namedKeys.join(', ')}` : `did you mean \`${meant}\`?`,
  };
}

/** The first of the user's settings whose key means something else already. */
function findClash(
  keys: KeyMap,
  wanted: ReadonlyMap<KeyAction, readonly Key[]>,
): (KeyFault & { readonly action: KeyAction }) | undefined {
  for (const action of wanted.keys()) {
    for (const other of keyActions) {
      if (other === action || !overlap(table[action].place, table[other].place)) continue;
      const key = keys[action].find((one) => keys[other].includes(one));
      if (key === undefined) continue;
      return {
        action,
        message: `${key} is the key of ${other} already`,
        hint: `give ${other} another key too, or none: []`,
      };
    }
  }
  return undefined;
}

function overlap(one: Place, other: Place): boolean {
  return one === other || one === 'anywhere' || other === 'anywhere';
}
