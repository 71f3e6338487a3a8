import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Loaded } from '../load/load.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { BroughtBack, KnownFile } from '../model/streams.ts';
import { extrasOf, type SyncBack } from '../model/x-stack.ts';

/** Files that containers change and that come back to this machine, as `x-stack.sync_back` of their services says. */
export interface Returns {
  /** What this stack says counts from now on. */
  turnTo(loaded: Loaded): void;
  /** Resolves when nothing is under way any more, once it is over. */
  finish(): Promise<void>;
}

/** What this machine and a container had of each file when they were last compared, by container and path. */
type Known = Map<string, Map<string, KnownFile>>;

export function createReturns(surroundings: Surroundings, until: AbortSignal): Returns {
  const running = new Set<Promise<void>>();
  const known: Known = new Map();
  let current: AbortController | undefined;
  return {
    turnTo(loaded) {
      current?.abort();
      current = new AbortController();
      const following = follow(loaded, known, surroundings, AbortSignal.any([until, current.signal]));
      running.add(following);
      void following.finally(() => running.delete(following));
    },
    async finish() {
      await Promise.all(running);
    },
  };
}

/**
 * Engines do not tell when files change. So it is looked soon after something has happened in a container, and a few times
 * later, in milliseconds; where nothing happens nobody looks.
 */
const looks = [200, 1000, 3000, 10_000];
/** Looking takes no more than this part of the time. */
const share = 20;
/** So much later, in milliseconds, an engine that has gone is asked again. */
const patience = 1000;

/** Never throws. */
async function follow(
  loaded: Loaded,
  known: Known,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const { runtime } = surroundings;
  const project = loaded.stack.name;
  const told = new Set<string>();
  const tell = (error: unknown): void => {
    if (signal.aborted) return;
    for (const problem of problemsOf(error)) {
      if (told.has(problem.message)) continue;
      told.add(problem.message);
      surroundings.emit({ type: 'problem-found', problem: { ...problem, severity: 'warning' } });
    }
  };
  const lookers = new Map<string, Looker>();
  for (const [name, service] of Object.entries(loaded.stack.services)) {
    const rules = extrasOf(service).sync_back ?? [];
    if (rules.length === 0) continue;
    const look = () => compare(loaded, name, rules, known, surroundings, signal).catch(tell);
    lookers.set(name, createLooker(look, signal));
  }
  if (lookers.size === 0) return;
  const services = new Set(lookers.keys());
  const request = { project, services, logsSince: Date.now() / 1000, finish: signal };
  const listening = async (): Promise<void> => {
    for await (const event of runtime.follow(request, signal)) {
      const hasHappened =
        event.type === 'logs-written' || (event.type === 'container-changed' && event.state === 'running');
      if (hasHappened) lookers.get(event.service)?.hint();
    }
  };
  const hearing = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const { action, service } of runtime.readEvents({ project }, signal))
          if (hints.has(action)) lookers.get(service)?.hint();
      } catch {
        // It is told by whoever follows the containers.
      }
      await setTimeout(patience, undefined, { signal }).catch(() => {});
    }
  };
  await Promise.all([
    listening().catch(tell),
    hearing(),
    ...[...lookers.values()].map((looker) => looker.over),
  ]);
}

/** After these files may be others: a command has ended, files were written by us or with `cp`. */
const hints: ReadonlySet<string> = new Set(['exec_die', 'extract-to-dir']);

interface Looker {
  /** Something has happened. */
  hint(): void;
  readonly over: Promise<void>;
}

/** What `look` cannot do now it may be able to do the next time: it never rejects. */
function createLooker(look: () => Promise<void>, signal: AbortSignal): Looker {
  let wake = (): void => {};
  let isHinted = false;
  signal.addEventListener('abort', () => wake(), { once: true });
  const rest = (milliseconds: number) => setTimeout(milliseconds, undefined, { signal }).catch(() => {});

  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!isHinted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      let took = 0;
      for (let step = 0; step < looks.length && !signal.aborted; step += 1) {
        // What goes on all the time is looked at now and then.
        if (isHinted) step = step === 0 ? 0 : 1;
        isHinted = false;
        await rest(Math.max(looks[step] ?? 0, took * share));
        if (signal.aborted) return;
        const began = performance.now();
        await look();
        took = performance.now() - began;
      }
    }
  };
  return {
    hint() {
      isHinted = true;
      wake();
    },
    over: work(),
  };
}

/** Only one container of a service can be the one whose files count: the first. */
async function compare(
  { stack }: Loaded,
  service: string,
  rules: readonly SyncBack[],
  known: Known,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, emit } = surroundings;
  const containers = await surroundings.runtime.observeContainers(stack.name, signal);
  const [first] = containers
    .filter((one) => one.service === service && !one.oneOff)
    .toSorted((a, b) => a.number - b.number);
  if (first === undefined) return;
  for (const rule of rules) {
    const target = path.resolve(stack.directory, rule.target);
    const key = `${first.id} ${rule.path} ${target}`;
    const files = known.get(key) ?? new Map<string, KnownFile>();
    known.set(key, files);
    const request = { container: first.id, path: rule.path, target, known: files };
    const brought = await runtime.bringBack(request, signal);
    const written = brought.flatMap(({ file, outcome }) => (outcome === 'written' ? [file] : []));
    if (written.length > 0) emit({ type: 'files-returned', service, container: first.name, files: written });
    for (const one of brought) {
      const problem = problemOf(one, service, first.name);
      if (problem !== undefined) emit({ type: 'problem-found', problem });
    }
  }
}

function problemOf(
  { file, outcome, beside }: BroughtBack,
  service: string,
  container: string,
): Problem | undefined {
  if (outcome === 'written') return undefined;
  if (outcome === 'conflict')
    return {
      code: 'sync-conflict',
      severity: 'warning',
      service,
      message: `${file} was changed both here and in ${container}; yours stays`,
      hint: `that of the container is ${beside}`,
    };
  return {
    code: 'sync-refused',
    severity: 'warning',
    service,
    message: `${container} has something that does not come back as ${file}`,
    hint: 'only files come back, into folders that are there or made for it, through no link, and none of git',
  };
}
