import { addressesOfService } from '../../report/addresses.ts';
import type { ReplicaView, ServiceView, View } from '../../report/view.ts';
import { plural } from '../../report/words.ts';
import type { Order } from '../desk.ts';
import { type KeyAction, wordsOf } from '../keys.ts';
import type { World } from './world.ts';

/** What a choice of the palette does. */
export type Deed =
  | { readonly kind: 'order'; readonly order: Order }
  /** The same as its key. */
  | { readonly kind: 'key'; readonly action: KeyAction }
  /** The same as its key, but for a service that need not be selected. */
  | { readonly kind: 'for'; readonly action: KeyAction; readonly service: string }
  | { readonly kind: 'solo' | 'mute'; readonly service: string };

export interface Choice {
  /** `restart worker`. */
  readonly words: string;
  readonly deed: Deed;
  /** The key that does the same where it is selected. */
  readonly action?: KeyAction;
}

/** Orders that end or take away something; they are asked about before they are given. */
export function questionFor(order: Order): string | undefined {
  switch (order.kind) {
    case 'kill':
      return `kill ${list(order.services)}? What ${order.services.length === 1 ? 'it does' : 'they do'} is cut off.`;
    case 'recreate':
      return `recreate ${list(order.services)}? What was changed inside the containers is lost.`;
    case 'stop':
      return order.services.length === 0 ? 'stop all services?' : undefined;
    case 'down':
      return 'stop and remove all containers and networks of the stack?';
    case 'apply':
      return order.removes === undefined
        ? undefined
        : `apply what the file says? It removes ${order.removes.join(', ')}.`;
    case 'scale':
      return order.count === 0 ? `remove all containers of ${order.service}?` : undefined;
    default:
      return undefined;
  }
}

/** An order in words, as it was given: `restart worker`. */
export function describeOrder(order: Order): string {
  switch (order.kind) {
    case 'scale':
      return `scale ${order.service} to ${order.count}`;
    case 'run':
      return `run ${order.service} ${order.text}`.trimEnd();
    case 'shell':
      return `shell in ${order.service}-${order.number}`;
    case 'open':
      return `open ${order.url}`;
    case 'copy':
      return 'copy';
    case 'save':
      return `save ${order.path}`;
    case 'edit':
      return 'edit';
    case 'apply':
      return 'apply what the file says';
    case 'watch':
      return order.on ? 'watch files' : 'watch files no more';
    case 'down':
      return 'down';
    default:
      return `${order.kind} ${list(order.services)}`;
  }
}

/** Everything that can be chosen at the moment: what concerns all first, then service by service. */
export function choicesOf({ view, offers, canDetach, interruptStops }: World): readonly Choice[] {
  const order = (words: string, given: Order, action?: KeyAction): readonly Choice[] =>
    offers(given.kind)
      ? [{ words, deed: { kind: 'order', order: given }, ...(action === undefined ? {} : { action }) }]
      : [];
  const key = (action: KeyAction, words = wordsOf(action)): Choice => ({
    words,
    deed: { kind: 'key', action },
    action,
  });
  const several = view.services.length > 1;
  return [
    ...order('apply what the file says', applying(view), 'stack.apply'),
    ...order(
      view.watch.on ? 'watch files no more' : 'watch files',
      { kind: 'watch', on: !view.watch.on },
      'stack.watch',
    ),
    ...view.services.flatMap((service) => choicesFor(service, order, offers)),
    ...(several
      ? (['restart', 'rebuild', 'start', 'stop', 'kill'] as const).flatMap((kind) =>
          order(`${kind} all services`, { kind, services: [] }),
        )
      : []),
    ...order('down: stop and remove everything', { kind: 'down' }, 'stack.down'),
    ...view.services.flatMap(({ name }): readonly Choice[] => [
      { words: `logs of ${name} alone`, deed: { kind: 'solo', service: name } },
      { words: `mute or unmute ${name}`, deed: { kind: 'mute', service: name }, action: 'logs.mute' },
    ]),
    ...logActions.map(([action, words]) => key(action, words)),
    ...(offers('save') ? [key('logs.save', 'save the logs to a file')] : []),
    ...(offers('edit') ? [key('logs.edit', 'open the logs in the editor')] : []),
    ...(offers('copy') ? [key('logs.copy', 'copy the logs that are shown')] : []),
    key('screen.help', 'help: what the keys do'),
    key('screen.full', 'back to the inline screen'),
    ...(canDetach ? [key('screen.detach', 'detach: leave, and let the stack run')] : []),
    key('screen.interrupt', interruptStops ? 'leave, and stop everything' : 'leave this screen'),
  ];
}

/** The order to carry out what the file says, with what is known to be removed by it. */
export function applying({ unapplied }: View): Order {
  return { kind: 'apply', ...(unapplied !== undefined && { removes: unapplied.removes }) };
}

const logActions = [
  ['logs.filter', 'filter the logs'],
  ['logs.search', 'search the logs'],
  ['logs.level', 'next level of the logs'],
  ['logs.stream', 'stdout or stderr alone'],
  ['logs.next-error', 'next error in the logs'],
  ['logs.first-error', 'first error since the last start or save'],
  ['logs.mark', 'logs since here'],
  ['logs.clear', 'logs without filter, search and mark'],
  ['logs.all', 'logs of all services'],
  ['logs.wrap', 'wrap lines, or not'],
  ['logs.times', 'times of lines, or not'],
  ['logs.pretty', 'JSON lines in full, or as written'],
] as const satisfies readonly (readonly [KeyAction, string])[];

type Ordering = (words: string, order: Order, action?: KeyAction) => readonly Choice[];

function choicesFor(service: ServiceView, order: Ordering, offers: World['offers']): readonly Choice[] {
  const { name } = service;
  const services = [name];
  const runs = isUp(service);
  const isPaused = service.replicas.some(({ container }) => container === 'paused');
  const number = runningNumber(service);
  const only = (wanted: boolean, choices: readonly Choice[]): readonly Choice[] => (wanted ? choices : []);
  const asks = (kind: Order['kind'], action: KeyAction, words: string): readonly Choice[] =>
    only(offers(kind), [{ words, deed: { kind: 'for', action, service: name }, action }]);
  return [
    ...only(!runs, order(`start ${name}`, { kind: 'start', services }, 'service.toggle')),
    ...order(`restart ${name}`, { kind: 'restart', services }, 'service.restart'),
    ...only(runs, order(`stop ${name}`, { kind: 'stop', services }, 'service.toggle')),
    ...only(service.built, order(`rebuild ${name}`, { kind: 'rebuild', services }, 'service.rebuild')),
    ...order(`recreate ${name}`, { kind: 'recreate', services }, 'service.recreate'),
    ...only(runs && !isPaused, order(`pause ${name}`, { kind: 'pause', services }, 'service.pause')),
    ...only(isPaused, order(`unpause ${name}`, { kind: 'unpause', services }, 'service.pause')),
    ...only(runs, order(`kill ${name}`, { kind: 'kill', services }, 'service.kill')),
    ...asks('scale', 'service.scale', `scale ${name}`),
    ...(number === undefined
      ? []
      : order(`shell in ${name}`, { kind: 'shell', service: name, number }, 'service.shell')),
    ...asks('run', 'service.run', `run a one-off of ${name}`),
    ...addressesOfService(service).flatMap(({ url }) =>
      url === undefined ? [] : order(`open ${name} at ${url}`, { kind: 'open', url }, 'service.open'),
    ),
  ];
}

const alive: ReadonlySet<ReplicaView['container']> = new Set(['running', 'paused', 'restarting']);

/** Whether there is something to be stopped. */
export function isUp(service: ServiceView): boolean {
  return hasStarted(service) || service.replicas.some(({ container }) => alive.has(container));
}

/** The number of a replica that runs: the given one, if it does. */
export function runningNumber(service: ServiceView, number?: number): number | undefined {
  const { replicas } = service;
  const running = replicas.filter(({ container }) => container === 'running');
  const found = running.find((replica) => replica.number === number) ?? running[0];
  return found?.number ?? (hasStarted(service) ? (replicas[0]?.number ?? 1) : undefined);
}

/** Whether we have started it, though what the engine says of its containers lags behind that. */
function hasStarted({ state, replicas }: ServiceView): boolean {
  return state === 'running' && replicas.every(({ container }) => container === 'created');
}

/** Choices that have the letters of a text in their order, those where they stand together or begin words first. */
export function matching(choices: readonly Choice[], text: string): readonly Choice[] {
  const wanted = text.toLowerCase().replaceAll(' ', '');
  if (wanted === '') return choices;
  return choices
    .map((choice, place) => ({ choice, place, score: scoreOf(choice.words.toLowerCase(), wanted) }))
    .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map(({ choice }) => choice);
}

function scoreOf(words: string, wanted: string): number {
  const found = words.indexOf(wanted);
  if (found >= 0) return 1000 - found - words.length / 100;
  let score = 0;
  let from = 0;
  let last = -2;
  for (const letter of wanted) {
    const place = bestPlace(words, letter, from, last);
    // What begins a word may lie behind letters that are still wanted.
    if (place < 0) return isSubsequence(words, wanted) ? -100 : Number.NEGATIVE_INFINITY;
    if (place === last + 1) score += 5;
    if (isStart(words, place)) score += 8;
    score -= Math.min(3, place - from) / 2;
    last = place;
    from = place + 1;
  }
  return score - words.length / 100;
}

function isSubsequence(words: string, wanted: string): boolean {
  let from = 0;
  for (const letter of wanted) {
    const place = words.indexOf(letter, from);
    if (place < 0) return false;
    from = place + 1;
  }
  return true;
}

/** The next letter of a word that goes on, else the beginning of one, else wherever it is. */
function bestPlace(words: string, letter: string, from: number, last: number): number {
  if (words[last + 1] === letter && last + 1 >= from) return last + 1;
  for (let place = from; place < words.length; place += 1) {
    if (words[place] === letter && isStart(words, place)) return place;
  }
  return words.indexOf(letter, from);
}

function isStart(words: string, place: number): boolean {
  return place === 0 || /[\s.:_/-]/.test(words[place - 1] ?? '');
}

function list(services: readonly string[]): string {
  if (services.length === 0) return 'all services';
  return services.length < 4 ? services.join(', ') : plural(services.length, 'service');
}
