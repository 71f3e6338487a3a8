import path from 'node:path';
import type { Loaded } from '../load/load.ts';
import { failure, type Problem } from '../model/problem.ts';
import type { FileSet, Surroundings, WatchRequest } from '../model/runtime.ts';
import type { Build, Service, WatchRule } from '../model/stack.ts';
import {
  hasRules,
  type InitialFiles,
  isRebuiltByItself,
  syncedFiles,
  type Trigger,
  type WatchedService,
} from '../plan/watch.ts';
import { placed } from './work.ts';

/**
 * What the files of the services lead to: by the rules of each, or without any by what it is built from. Files that a
 * service sees through a bind mount lead to nothing; for a rule that is told.
 */
export async function readWatched(
  loaded: Loaded,
  surroundings: Surroundings,
): Promise<readonly WatchedService[]> {
  const services = await Promise.all(
    Object.entries(loaded.stack.services).map(async ([name, service]) => {
      if (hasRules(service)) return readRules(loaded, name, service, surroundings);
      const { build } = service;
      // What the builder fetches by itself cannot be watched.
      if (!isRebuiltByItself(service) || build === undefined || !path.isAbsolute(build.context))
        return undefined;
      return { name, triggers: [await buildTrigger(service, build, surroundings)] };
    }),
  );
  return services.filter((service) => service !== undefined).filter(({ triggers }) => triggers.length > 0);
}

/** What `initial_sync` copies now, by service. */
export async function initialFilesOf(
  services: readonly WatchedService[],
  { listFiles }: Surroundings,
): Promise<InitialFiles> {
  const listed = services.map(async ({ name, triggers }) => {
    const files = triggers.map(async ({ files, copy, initially }) =>
      copy === undefined || initially === undefined
        ? []
        : syncedFiles(copy, await listFiles(files, initially)),
    );
    return [name, (await Promise.all(files)).flat()] as const;
  });
  return Object.fromEntries(await Promise.all(listed));
}

/** All the files of several sets, as the watcher is asked for them. */
export function filesOf(sets: readonly FileSet[]): WatchRequest {
  return {
    folders: [...new Set(sets.flatMap(({ folders }) => folders))],
    ignored: (file) => sets.every((set) => set.prunes(file)),
  };
}

/** The files by which it is decided what the services watch. */
export function rulesOf(services: readonly WatchedService[]): FileSet {
  const rules = new Set(
    services.flatMap(({ triggers }) => triggers.flatMap(({ files }) => files.rules ?? [])),
  );
  const folders = new Set([...rules].map((file) => path.dirname(file)));
  return {
    folders: [...folders],
    includes: (file) => rules.has(file),
    prunes: (file) => !rules.has(file) && !folders.has(file),
  };
}

/** What is told where watching was asked for and there is nothing to watch. */
export function notWatched() {
  return failure({
    code: 'not-watched',
    message: 'none of the selected services is configured for watch',
    hint: "consider setting a 'develop' section, or a `build`",
  });
}

async function readRules(
  loaded: Loaded,
  name: string,
  service: Service,
  surroundings: Surroundings,
): Promise<WatchedService> {
  const mounted = bindSources(service);
  const read = await Promise.all(
    (service.develop?.watch ?? []).map(async (rule, index) => {
      if (mounted.some((source) => isInside(source, rule.path))) {
        surroundings.emit({ type: 'problem-found', problem: placed(covered(name, rule, index), loaded) });
        return [];
      }
      return [await readRule(rule, index, service.build, surroundings)];
    }),
  );
  return { name, triggers: read.flat() };
}

async function readRule(
  rule: WatchRule,
  index: number,
  build: Build | undefined,
  { readRuleFiles }: Surroundings,
): Promise<Trigger> {
  const { action, target, exec, initial_sync: initially } = rule;
  const files = await readRuleFiles(rule, build);
  const copy =
    action.startsWith('sync') && target !== undefined ? { to: target, nameOf: files.nameOf } : undefined;
  return {
    action,
    files,
    ...(copy === undefined ? {} : { copy }),
    ...(initially === true ? { initially: files.path } : {}),
    ...(action === 'sync+exec' && exec !== undefined ? { command: { index, hook: exec } } : {}),
  };
}

async function buildTrigger(
  service: Service,
  build: Build,
  { runtime, signal }: Surroundings,
): Promise<Trigger> {
  return {
    action: 'rebuild',
    files: without(await runtime.readBuildContext(build, signal), bindSources(service)),
  };
}

/** What the container sees directly needs no build. */
function without({ includes, prunes, ...files }: FileSet, mounted: readonly string[]): FileSet {
  const isMounted = (file: string) => mounted.some((source) => isInside(source, file));
  return {
    ...files,
    includes: (file) => !isMounted(file) && includes(file),
    prunes: (file) => isMounted(file) || prunes(file),
  };
}

function bindSources(service: Service): readonly string[] {
  return (service.volumes ?? []).flatMap((mount) => (mount.type === 'bind' ? [mount.source] : []));
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

function covered(service: string, { path: watched }: WatchRule, index: number): Problem {
  return {
    code: 'watch-covered',
    severity: 'warning',
    service,
    path: `services.${service}.develop.watch[${index}].path`,
    message: `${service} sees ${watched} through a bind mount, so it is not watched`,
    hint: 'leave out the rule, or the mount',
  };
}
