import type { ServiceView } from '../../report/view.ts';
import type { Key, KeyAction } from '../keys.ts';
import { textOfLogs } from '../logs/pane.ts';
import type { LogsCommand } from '../logs/state.ts';
import { applying, isUp, runningNumber } from './orders.ts';
import { contentOf, tabsOf } from './pane.ts';
import {
  ask,
  cannot,
  command,
  type FullState,
  give,
  logSize,
  placeOf,
  type Step,
  say,
  tell,
} from './state.ts';
import { countOf, moveSelection, type Selected, selectionIn } from './tree.ts';
import type { World } from './world.ts';

/** Does what a key or a choice of the palette stands for. */
export function perform(state: FullState, action: KeyAction, world: World, key?: Key): Step {
  const { view } = world;
  const [topic, verb = ''] = action.split('.');
  switch (topic) {
    case 'services': {
      const by = { up: -1, down: 1, first: -view.services.length * 1000, last: view.services.length * 1000 }[
        verb
      ];
      if (by !== undefined) return { state: { ...select(state, moveSelection(view, state.selected, by)) } };
      const name = selectionIn(view, state.selected)?.service;
      if (name === undefined) return { state };
      const alone =
        state.logs.filter.solo === name ? state : command(state, { kind: 'solo', service: name }, world);
      return { state: { ...alone, tab: 'logs', focus: 'pane' } };
    }
    case 'pane':
      return { state: movePane(state, verb as PaneMove, world) };
    case 'tab':
      return { state: turnTo(state, verb, world) };
    case 'logs':
      return performLogs(state, verb, world, key);
    case 'service': {
      const name = selectionIn(view, state.selected)?.service;
      const service = view.services.find((other) => other.name === name);
      return service === undefined ? { state } : performFor(state, action, service, world);
    }
    default:
      return performScreen(state, action, world);
  }
}

function performScreen(state: FullState, action: KeyAction, world: World): Step {
  switch (action) {
    case 'screen.help':
      return { state: { ...state, over: { kind: 'help', scroll: 0 } } };
    case 'screen.palette':
      return { state: { ...state, over: { kind: 'palette', text: '', at: 0 } } };
    case 'screen.full':
      return { state, wish: { kind: 'inline' } };
    case 'screen.focus':
      return { state: { ...state, focus: placeOf(state, world) === 'services' ? 'pane' : 'services' } };
    case 'screen.back':
      return { state: goBack(state, world) };
    case 'screen.redraw':
      return { state, wish: { kind: 'redraw' } };
    case 'screen.suspend':
      return world.canSuspend ? { state, wish: { kind: 'suspend' } } : { state };
    case 'screen.detach':
      return world.canDetach ? { state, wish: { kind: 'detach' } } : { state };
    case 'stack.apply':
      return give(state, applying(world.view), world);
    case 'stack.watch':
      return give(state, { kind: 'watch', on: !world.view.watch.on }, world);
    case 'stack.down':
      return give(state, { kind: 'down' }, world);
    default:
      return { state };
  }
}

/** From a message to no message, from the pane to the services, from one service to all. */
function goBack(state: FullState, world: World): FullState {
  if (state.message !== undefined) return tell(state, undefined);
  if (state.focus !== undefined) return { ...state, focus: undefined };
  if (state.tab !== 'logs') return { ...state, tab: 'logs' };
  return state.logs.filter.solo === undefined ? state : command(state, { kind: 'all' }, world);
}

/** The same for a service that need not be selected. */
export function performFor(state: FullState, action: KeyAction, service: ServiceView, world: World): Step {
  const { name, replicas } = service;
  const services = [name];
  const number = runningNumber(service, state.selected?.number);
  const chosen = replicas.filter((replica) => replica.number === state.selected?.number);
  const meant = chosen.length > 0 && state.selected?.service === name ? chosen : replicas;
  const addresses = meant.flatMap((replica) => replica.addresses);
  const url = [...addresses, ...replicas.flatMap((replica) => replica.addresses)].find(
    (address) => address.url !== undefined,
  )?.url;
  switch (action) {
    case 'service.restart':
      return give(state, { kind: 'restart', services }, world);
    case 'service.rebuild':
      if (!service.built) return say(state, `${name} has no build: its image is ${service.image}`);
      return give(state, { kind: 'rebuild', services }, world);
    case 'service.recreate':
      return give(state, { kind: 'recreate', services }, world);
    case 'service.toggle':
      return give(state, { kind: isUp(service) ? 'stop' : 'start', services }, world);
    case 'service.pause': {
      const isPaused = replicas.some(({ container }) => container === 'paused');
      if (!isUp(service)) return say(state, `${name} does not run`);
      return give(state, { kind: isPaused ? 'unpause' : 'pause', services }, world);
    }
    case 'service.kill':
      return isUp(service)
        ? give(state, { kind: 'kill', services }, world)
        : say(state, `${name} does not run`);
    case 'service.shell':
      if (number === undefined) return say(state, `${name} does not run`);
      return give(state, { kind: 'shell', service: name, number }, world);
    case 'service.open':
      return url === undefined
        ? say(state, `${name} publishes no port for a browser`)
        : give(state, { kind: 'open', url }, world);
    case 'service.copy': {
      const text = addresses[0]?.text ?? meant[0]?.name ?? name;
      return give(state, { kind: 'copy', text }, world);
    }
    case 'service.more':
      return give(state, { kind: 'scale', service: name, count: countOf(service) + 1 }, world);
    case 'service.fewer':
      return countOf(service) === 0
        ? { state }
        : give(state, { kind: 'scale', service: name, count: countOf(service) - 1 }, world);
    case 'service.scale':
      return world.offers('scale') ? { state: ask(state, 'scale', '', name) } : cannot(state, 'scale');
    case 'service.run':
      return world.offers('run') ? { state: ask(state, 'run', '', name) } : cannot(state, 'run');
    default:
      return { state };
  }
}

function performLogs(state: FullState, verb: string, world: World, key?: Key): Step {
  const { view, keys, book } = world;
  const shown = { ...state, tab: 'logs' as const };
  switch (verb) {
    case 'solo': {
      const place = key === undefined ? -1 : keys['logs.solo'].indexOf(key);
      const service = view.services[place]?.name;
      return service === undefined ? { state } : { state: command(shown, { kind: 'solo', service }, world) };
    }
    case 'mute': {
      const service = selectionIn(view, state.selected)?.service;
      return service === undefined ? { state } : { state: command(state, { kind: 'mute', service }, world) };
    }
    case 'filter':
      return { state: ask(shown, 'filter', state.logs.filter.pattern?.text ?? '', '') };
    case 'search':
      return { state: ask(shown, 'search', '', '') };
    case 'edit':
      if (!world.offers('edit')) return cannot(state, 'edit');
      return give(state, { kind: 'edit', text: textOfLogs(state.logs, book) }, world);
    case 'copy':
      if (!world.offers('copy')) return cannot(state, 'copy');
      return give(state, { kind: 'copy', text: textOfLogs(state.logs, book, logSize(world)) }, world);
    case 'save':
      if (!world.offers('save')) return cannot(state, 'save');
      return { state: ask(shown, 'save', `${view.name === '' ? 'stack' : view.name}.log`, '') };
    default: {
      const logsCommand = logCommands[verb];
      return { state: logsCommand === undefined ? state : command(shown, logsCommand, world) };
    }
  }
}

const logCommands: Readonly<Record<string, LogsCommand>> = {
  follow: { kind: 'toggle' },
  next: { kind: 'next-match' },
  previous: { kind: 'previous-match' },
  'next-error': { kind: 'next-error' },
  'previous-error': { kind: 'previous-error' },
  'first-error': { kind: 'first-error' },
  clear: { kind: 'clear' },
  level: { kind: 'level' },
  stream: { kind: 'stream' },
  all: { kind: 'all' },
  mark: { kind: 'mark' },
  wrap: { kind: 'wrap' },
  times: { kind: 'timestamps' },
  pretty: { kind: 'json' },
};

type PaneMove = 'up' | 'down' | 'left' | 'right' | 'top' | 'bottom' | 'page-up' | 'page-down';

function movePane(state: FullState, move: PaneMove, world: World): FullState {
  if (state.tab === 'logs') return command(state, { kind: move }, world);
  const { rows } = logSize(world);
  const last = Math.max(0, contentOf(state, world).length - rows);
  const now = Math.min(state.scroll ?? last, last);
  const by = {
    up: -1,
    down: 1,
    left: 0,
    right: 0,
    top: -last,
    bottom: last,
    'page-up': 1 - rows,
    'page-down': rows - 1,
  }[move];
  return { ...state, scroll: Math.max(0, Math.min(last, now + by)) };
}

function turnTo(state: FullState, verb: string, world: World): FullState {
  const tabs = tabsOf(world);
  const place = Math.max(0, tabs.indexOf(state.tab));
  const by = verb === 'next' ? 1 : verb === 'previous' ? -1 : undefined;
  const tab = by === undefined ? tabs.find((one) => one === verb) : tabs.at((place + by) % tabs.length);
  if (tab === undefined || tab === state.tab) return state;
  return { ...state, tab, scroll: tab === 'build' ? undefined : 0 };
}

function select(state: FullState, selected: Selected | undefined): FullState {
  const same = selected?.service === state.selected?.service;
  return { ...state, selected, ...(same ? {} : { scroll: state.tab === 'build' ? undefined : 0 }) };
}
