import { holderPrefix } from '../model/labels.ts';
import type { KeptVolume, ObservedContainer, Trash, WeighedVolume } from '../model/observed.ts';
import type { StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import type { StepList } from './steps.ts';

/** What becomes of the data of volumes that go: it is kept for a while, as far as that is possible. */

/** How long what removed volumes had is kept, and how much of it. */
export interface TrashRules {
  /** Seconds. */
  readonly age: number;
  /** Bytes of all that is kept together. 0: nothing is. */
  readonly size: number;
}

/** How what goes is told. */
export interface TrashWords {
  readonly age: (seconds: number) => string;
  readonly size: (bytes: number) => string;
}

/** All that it takes to decide what is kept. */
export interface Keeping {
  readonly rules: TrashRules;
  readonly words: TrashWords;
  /** Whose volumes go, of which nobody else removes any meanwhile; absent: those of several. */
  readonly project?: string | undefined;
  /** What all volumes have in common that go now. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly volumes: readonly WeighedVolume[];
  readonly trash: Trash;
}

/** A volume that goes with its data. */
export interface Going {
  readonly name: string;
  readonly path: string;
  readonly project: string;
  /** Why it goes. */
  readonly because: string;
  /** After what it is not written to any more, and after what nobody has it any more. */
  readonly quiet: readonly (StepId | undefined)[];
  readonly free: readonly (StepId | undefined)[];
  readonly ifUsed?: 'fail';
}

/** What becomes of the data of a volume that goes. */
export interface Kept {
  readonly note: string;
  /** After which it is kept; absent: it goes for good. */
  readonly step?: StepId;
}

/** Removes volumes, each once what it has is kept. Gives the steps after which they are gone. */
export function discard(
  list: StepList,
  going: readonly Going[],
  keeping: Keeping | undefined,
): ReadonlyMap<string, StepId> {
  return removeVolumes(list, going, keepVolumes(list, going, keeping));
}

/**
 * Keeps what volumes have that go, if that can be: without a `keeping` nothing is. What was kept before makes room. Gives, by
 * name, what becomes of it.
 */
export function keepVolumes(
  list: StepList,
  going: readonly Omit<Going, 'free'>[],
  keeping: Keeping | undefined,
): ReadonlyMap<string, Kept> {
  if (keeping === undefined) return new Map();
  const fates = fatesOf(new Set(going.map(({ name }) => name)), keeping);
  const kept = new Map<string, Kept>();
  const steps: StepId[] = [];
  let added = 0;
  for (const { name, path, project, because, quiet } of going) {
    const fate = fates.get(name);
    if (fate === undefined) continue;
    const { note, isKept, limit, volume } = fate;
    if (!isKept) {
      kept.set(name, { note });
      continue;
    }
    const entry = asKept(volume, { project, because }, steps.length + 1, keeping);
    const action = {
      kind: 'keep-volume',
      volume: entry,
      ...(volume.size !== undefined && { content: volume.size }),
      ...(limit !== undefined && { limit }),
    } as const;
    const step = list.add(action, 'it is removed', path, quiet);
    kept.set(name, { note, step });
    steps.push(step);
    added += volume.size ?? 0;
  }
  if (steps.length > 0) tidy(list, keeping, keeping.rules.size - added, steps);
  return kept;
}

/** Removes volumes of whose data it is known what becomes of it. */
export function removeVolumes(
  list: StepList,
  going: readonly Omit<Going, 'quiet'>[],
  kept: ReadonlyMap<string, Kept>,
): ReadonlyMap<string, StepId> {
  const gone = new Map<string, StepId>();
  for (const { name, path, because, free, ifUsed } of going) {
    const { note, step } = kept.get(name) ?? {};
    const action = { kind: 'remove-volume', name, ...(ifUsed && { ifUsed }) } as const;
    gone.set(
      name,
      list.add(action, note === undefined ? because : `${because} (${note})`, path, [step, ...free]),
    );
  }
  return gone;
}

/** What volumes have, and what becomes of it if they go: `shop_data (1.2GB, 3 days old; kept for 7 days)`. */
export function foretell(names: ReadonlySet<string>, keeping: Keeping): readonly string[] {
  return [...fatesOf(names, keeping)].map(([name, { note }]) => `${name} (${note})`);
}

/**
 * Forgets what has been kept for long enough or, oldest first, is more than may be kept: `size` bytes. What was never
 * finished goes as well, if nobody can be at it any more.
 */
export function tidy(
  list: StepList,
  { trash, rules, words, now, project }: Keeping,
  size: number,
  after: readonly StepId[] = [],
): void {
  let left = size;
  const goes = new Set(
    list.steps.flatMap(({ action }) => (action.kind === 'forget-volume' ? [action.holder] : [])),
  );
  for (const { holder, name, at, size: bytes } of trash.kept) {
    if (goes.has(holder)) continue;
    left -= bytes;
    const isOld = at + rules.age < now;
    if (!isOld && left >= 0) continue;
    const because = isOld
      ? `it was kept for ${words.age(rules.age)}`
      : `no more than ${words.size(rules.size)} are kept`;
    list.add({ kind: 'forget-volume', holder, name }, because, 'volumes', isOld ? [] : after);
  }
  for (const { holder, project: whose, created } of trash.unfinished) {
    if (whose !== project && created + aDay > now) continue;
    list.add({ kind: 'forget-volume', holder }, 'it was not copied to the end', 'volumes');
  }
}

const aDay = 86_400;

/**
 * After what a container may go, with its anonymous volumes: these go with it, so that none is left behind by who is
 * interrupted.
 */
export function keptBefore(
  { mounts }: ObservedContainer,
  kept: ReadonlyMap<string, Kept>,
): readonly (StepId | undefined)[] {
  return mounts.map(({ name = '' }) => (anonymous.test(name) ? kept.get(name)?.step : undefined));
}

/**
 * Anonymous volumes that only containers have which go. What is called like one may be someone's own: of a service that the
 * file does not have the engine has to say it.
 */
export function anonymousVolumesOf(
  {
    containers,
    stays,
  }: {
    readonly containers: readonly ObservedContainer[];
    /** Those of the project that do not go. */
    readonly stays: readonly ObservedContainer[];
  },
  stack: Pick<Stack, 'volumes' | 'services'> | undefined,
  { volumes }: Pick<Keeping, 'volumes'>,
): readonly Pick<Going, 'name' | 'path' | 'because'>[] {
  const named = Object.values(stack?.volumes ?? {}).map(({ name }) => name);
  const held = stays.flatMap(({ mounts }) => mounts.flatMap(({ name }) => name ?? []));
  const others = new Set([...named, ...held]);
  const owned = new Set(volumes.flatMap(({ name, anonymous: is }) => (is === false ? name : [])));
  const found = containers.flatMap(({ name: container, service, mounts }) =>
    mounts.flatMap(({ type, name = '', target }) => {
      if (type !== 'volume' || !anonymous.test(name) || others.has(name)) return [];
      if (owned.has(name) && stack?.services[service] === undefined) return [];
      const because = `anonymous, ${target} of ${container}`;
      return [{ name, path: `services.${service}.volumes`, because }];
    }),
  );
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

const anonymous = /^[0-9a-f]{64}$/;

interface Fate {
  readonly volume: WeighedVolume;
  /** What goes, and whether it is kept, in words. */
  readonly note: string;
  readonly isKept: boolean;
  /** Bytes that are kept of it at most; absent: all of it is, as it is known how much that is. */
  readonly limit?: number;
}

/** Volumes that are not there have none. Of those that are too much together the smaller ones are kept. */
function fatesOf(names: ReadonlySet<string>, keeping: Keeping): ReadonlyMap<string, Fate> {
  const { rules, words, now } = keeping;
  const volumes = keeping.volumes.filter(({ name }) => names.has(name));
  let left = rules.size;
  const fates = volumes
    .toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0))
    .map((volume): Fate => {
      const { size } = volume;
      const weight = weightOf(volume, words, now);
      const lost = (why: string): Fate => ({ volume, note: `${weight}; ${why}`, isKept: false });
      const hindrance = hindranceOf(volume);
      if (hindrance !== undefined) return lost(hindrance);
      if (rules.size === 0 || rules.age === 0) return lost('gone for good');
      const most = `no more than ${words.size(rules.size)}`;
      const kept = `${weight}; kept for ${words.age(rules.age)}`;
      if (size === undefined)
        return { volume, note: `${kept} if it has ${most}`, isKept: true, limit: rules.size };
      if (size > left) return lost(`gone for good: ${most} are kept`);
      // Names of folders and empty files are kept of a volume that someone has named.
      if (size === 0) return { volume, note: weight, isKept: !anonymous.test(volume.name) };
      left -= size;
      return { volume, note: kept, isKept: true };
    });
  return new Map(fates.map((fate) => [fate.volume.name, fate]));
}

/** Why what a volume has cannot be kept, and what becomes of it. */
function hindranceOf({ driver, options }: WeighedVolume): string | undefined {
  const { type, device } = options;
  if (driver !== 'local') return `nothing is kept of a volume of driver ${driver}`;
  if (type === 'tmpfs') return 'in memory, gone for good';
  return device === undefined ? undefined : `the files are those of ${device}, and stay there`;
}

/** `1.2GB, 3 days old`. */
export function weightOf(
  { size, created }: Pick<WeighedVolume, 'size' | 'created'>,
  words: TrashWords,
  now: number,
): string {
  const weight = size === undefined ? 'size not known' : words.size(size);
  return created === undefined ? weight : `${weight}, ${words.age(now - created)} old`;
}

function asKept(
  { name, labels, options, created }: WeighedVolume,
  { project, because }: Pick<Going, 'project' | 'because'>,
  number: number,
  { id, now }: Keeping,
): Omit<KeptVolume, 'size'> {
  const holder = `${holderPrefix}${id}-${number}`;
  const was = anonymous.test(name) ? { was: because } : {};
  return {
    id,
    holder,
    name,
    ...was,
    labels,
    options,
    project,
    at: now,
    ...(created === undefined ? {} : { created }),
  };
}
