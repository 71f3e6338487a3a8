import fs from 'node:fs';
import path from 'node:path';
import { coarsest } from '../../docker/build/inputs/digests.ts';
import { type Look, lookAt } from './looks.ts';

/** Sees all places of the file system that this process looks at. */
export interface Sight {
  /** What was seen does not count any more: something else matters, too, or was changed. */
  spoil(): void;
  isSpoilt(): boolean;
  /**
   * Sees no more, and gives what is at each place that was looked at, see `lookAt`. `undefined`: that is not all that mattered, or
   * it may be another thing by now without looking another way.
   */
  close(): Readonly<Record<string, string>> | undefined;
}

/**
 * Begins to see the calls of functions that were taken since `watchFileCalls`. `more`: parts of Node that the process must not have
 * loaded, besides those by which something is always asked that is not seen.
 */
export function openSight(spoilt: () => void = () => {}, more: readonly string[] = []): Sight {
  const began = Date.now();
  const looks = new Map<string, Look>();
  let isSpoilt = false;
  const spoil = (): void => {
    isSpoilt = true;
    // Thousands of files would be seen for nothing.
    seers.delete(see);
    spoilt();
  };
  const see = (place: unknown, isListed: boolean): void => {
    if (isSpoilt || typeof place === 'number') return;
    if (typeof place !== 'string') {
      spoil();
      return;
    }
    const whole = path.resolve(place);
    // By which other processes know it again: another one each time.
    if (whole === `/proc/${process.pid}/stat`) return;
    const key = isListed ? `${whole}${path.sep}` : whole;
    if (looks.size === mostLooks) spoil();
    else if (!looks.has(key)) looks.set(key, lookAt(key));
  };
  const isAllSeen = (): boolean => hasNone([...unseenParts, ...more]);
  // Else it could not be told whether they are used.
  if (isAllSeen()) seers.add(see);
  else spoil();
  return {
    spoil,
    isSpoilt: () => isSpoilt,
    close() {
      seers.delete(see);
      if (isSpoilt || !isAllSeen()) return undefined;
      const all = [...looks];
      if (!all.every(([place, look]) => isAsItWas(place, look, began))) return undefined;
      return Object.fromEntries(all.map(([place, { text }]) => [place, text]));
    },
  };
}

/** Whether all places are as they were when they were looked at. */
export function areAsSeen(looks: Readonly<Record<string, string>>): boolean {
  return Object.entries(looks).every(([place, text]) => lookAt(place).text === text);
}

/** More of them would take longer to look at than all else. */
const mostLooks = 250;

function isAsItWas(place: string, { text, changed }: Look, began: number): boolean {
  return changed < began - coarsest && lookAt(place).text === text;
}

/** Whether none of these parts of Node is loaded; false if that is not known. */
function hasNone(parts: readonly string[]): boolean {
  const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };
  return parts.every((name) => moduleLoadList?.includes(`NativeModule ${name}`) === false);
}

/** By which something is asked that is not seen: other programs, other machines. */
const unseenParts = [
  'child_process',
  'dgram',
  'dns/promises',
  'http2',
  'internal/deps/undici/undici',
  // To load it takes longer than to repeat: what reads by it is not seen.
  'internal/fs/promises',
  'worker_threads',
];

type See = (place: unknown, isListed: boolean) => void;
type Call = (...given: unknown[]) => unknown;

/** All who see. What one of them ends, the others go on seeing. */
const seers = new Set<See>();
let isWatched = false;

/**
 * Lets those who see know the path with which any of Node's functions for files is called. A command reads files in many places;
 * one that is forgotten would make it say what is no longer true. To be called before anything takes such a function to
 * call it by its own name.
 */
export function watchFileCalls(): void {
  if (isWatched) return;
  isWatched = true;
  const module = fs as unknown as Record<string, Call>;
  // Asked for their values, some of them would be loaded.
  for (const [name, { value: call }] of Object.entries(Object.getOwnPropertyDescriptors(module))) {
    const plain = name.replace(/Sync$/, '');
    const places = pathsOf(plain);
    if (places === 0 || typeof call !== 'function') continue;
    const isListed = plain === 'readdir' || plain === 'opendir';
    const isUnforeseeable = unforeseeable.has(plain);
    const seen = (inner: Call): Call =>
      function (this: unknown, ...given: unknown[]) {
        for (const see of seers)
          for (let at = 0; at < places; at++) see(isUnforeseeable ? undefined : given[at], isListed);
        return inner.apply(this, given);
      };
    const { native } = call as { readonly native?: Call };
    module[name] = Object.assign(seen(call), call, native === undefined ? {} : { native: seen(native) });
  }
}

/** More than what is at one place, or something else about it, is looked at. */
const unforeseeable: ReadonlySet<string> = new Set(
  'cp glob mkdtemp mkdtempDisposable statfs watch watchFile'.split(' '),
);

const ofTwoPaths: ReadonlySet<string> = new Set(['copyFile', 'link', 'rename', 'symlink']);

/** Those that are about what is open already, and those that are no functions of files. */
const ofNoPath = /^(?:close|f[cdstu].*|read|readv|write|writev|unwatchFile|_.*|[A-Z].*)$/;

/** How many paths one of Node's functions for files begins with. */
function pathsOf(name: string): number {
  if (ofNoPath.test(name)) return 0;
  return ofTwoPaths.has(name) ? 2 : 1;
}
