import fs from 'node:fs';
import path from 'node:path';
import { coarsest } from '../../docker/build/inputs/digests.ts';
import { keepFile } from '../../docker/places.ts';
import type { EngineWitness, Heard } from '../../docker/witness.ts';
import { browserScheme } from '../../model/ports.ts';
import { removeOlder } from '../own-file.ts';
import {
  type Answer,
  type Asked,
  aboutContainers,
  type Digests,
  digestsOf,
  fileOf,
  form,
  isAnswer,
  longest,
  patience,
  type Said,
  surroundingsOf,
} from './answer.ts';
import { type Look, lookAt } from './looks.ts';

/** Sees all that a command looks at outside of itself, and what it says. */
export interface Witness extends EngineWitness {
  says(stream: Said[0], text: string | Uint8Array): void;
  /** Nothing had to be done, and what was said follows from what was looked at, at whatever time. */
  vouch(): void;
  /** Keeps the answer, if all is still as it was when it was looked at. That it cannot be kept only costs time. */
  keep(): Promise<void>;
}

/**
 * Begins to see what a command asks of the file system, and of the engine where it says so. Whatever of it nobody could ask
 * again makes that nothing is kept: other programs and other machines, what was changed, what is too new to be known again.
 */
export function openWitness(asked: Asked): Witness {
  const began = Date.now();
  const variables = { ...process.env };
  const looks = new Map<string, Look>();
  const ports: Answer['ports'][number][] = [];
  const heard: Heard[] = [];
  const said: Said[] = [];
  let socketPath: string | undefined;
  let open = 0;
  /** When something was asked last. */
  let asking = 0;
  let isVouched = false;
  let isSpoilt = false;
  let endSeeing = (): void => {};
  const spoil = (): void => {
    isSpoilt = true;
    heard.length = 0;
    // Thousands of files would be seen for nothing.
    endSeeing();
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
  // Else it could not be told whether they are used.
  if (unseen() !== '') spoil();
  if (!isSpoilt) endSeeing = seeFiles(see);

  return {
    asks() {
      open += 1;
      asking = performance.now();
    },
    hears(answer) {
      open -= 1;
      // It would only be waited for in vain.
      if (performance.now() - asking > patience) spoil();
      if (!isSpoilt) heard.push(answer);
    },
    reaches(port, answer) {
      const isSlow = browserScheme(port.containerPort) !== undefined && answer?.status === undefined;
      if (answer?.answers === true && !isSlow) ports.push([port, answer]);
      else spoil();
    },
    acts: spoil,
    meets(path) {
      socketPath = path;
    },
    says(stream, text) {
      if (typeof text !== 'string') spoil();
      else if (!isSpoilt && text !== '') said.push([stream, text]);
    },
    vouch() {
      isVouched = true;
    },
    async keep() {
      endSeeing();
      if (!isVouched || isSpoilt || open > 0 || socketPath === undefined || unseen() !== '') return;
      try {
        if (![...looks].every(([place, look]) => isAsItWas(place, look, began))) return;
        const digests = allDigests(heard);
        if (digests === undefined) return;
        const answer: Answer = {
          v: form,
          at: began,
          asked,
          surroundings: surroundingsOf(variables),
          looks: Object.fromEntries([...looks].map(([place, { text }]) => [place, text])),
          engine: { socketPath, digests },
          ports,
          said,
        };
        const file = fileOf(asked);
        await keepFile(file, JSON.stringify(answer));
        removeOlder(path.dirname(file), longest);
      } catch {
        // The next one is run as well.
      }
    },
  };
}

/** Made once nobody waits any more. `undefined` where the same was asked twice and answered differently, or nothing was said. */
function allDigests(heard: readonly Heard[]): Readonly<Record<string, Digests>> | undefined {
  const made: Record<string, Digests> = {};
  const containers = aboutContainers(heard);
  for (const { question, version, status, text } of heard) {
    if (version === undefined || text === '') return undefined;
    const asked = `/v${version}${question}`;
    const before = made[asked];
    if (before !== undefined && !isAnswer(before, { status, text, containers })) return undefined;
    made[asked] = before ?? digestsOf({ status, text, containers });
  }
  return made;
}

/** More of them would take longer to look at than all else. */
const mostLooks = 250;

function isAsItWas(place: string, { text, changed }: Look, began: number): boolean {
  return changed < began - coarsest && lookAt(place).text === text;
}

/** The loaded parts of Node by which something is asked that is not seen: other programs, other machines; all, if that is not known. */
function unseen(): string {
  const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };
  return unseenParts.filter((name) => moduleLoadList?.includes(`NativeModule ${name}`) !== false).join(' ');
}

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

type Call = (...given: unknown[]) => unknown;

/**
 * Lets a function see the path with which any of Node's functions for files is called from now on. A command reads files in many
 * places; one that is forgotten would make it say what is no longer true. Returns what ends that.
 */
function seeFiles(see: (place: unknown, isListed: boolean) => void): () => void {
  const originals: (() => void)[] = [];
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
        for (let at = 0; at < places; at++) see(isUnforeseeable ? undefined : given[at], isListed);
        return inner.apply(this, given);
      };
    const { native } = call as { readonly native?: Call };
    originals.push(() => {
      module[name] = call;
    });
    module[name] = Object.assign(seen(call), call, native === undefined ? {} : { native: seen(native) });
  }
  return () => {
    for (const restore of originals) restore();
  };
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
