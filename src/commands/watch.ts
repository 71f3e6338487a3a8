import path from 'node:path';
import type { Loaded } from '../load/load.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { BuildContext, Surroundings } from '../model/runtime.ts';
import type { Service } from '../model/stack.ts';
import { planUp } from '../plan/up.ts';
import { carryOut, observeStack, placed, withPlaces } from './work.ts';

interface WatchedService {
  readonly name: string;
  readonly context: BuildContext;
  /** Folders that the container sees directly: a change in them needs no build. */
  readonly mounted: readonly string[];
}

/**
 * Watches the build contexts of the stack from now on, and builds and replaces the services whose files change from
 * `begin` until `until`: what has begun by then is brought to its end, unless the user wants all to end. A failed build
 * leaves the running container alone and is tried again with the next change. `busy` is told while containers are being
 * replaced.
 */
export async function watchAndRebuild(
  loaded: Loaded,
  surroundings: Surroundings,
  { begin, until }: { readonly begin: Promise<void>; readonly until: AbortSignal },
  busy: (is: boolean) => void,
): Promise<void> {
  const { emit, watchFiles } = surroundings;
  try {
    for (const problem of unfollowedRules(loaded)) emit({ type: 'problem-found', problem });
    const watched = await watchedServices(loaded, surroundings);
    if (watched.length === 0) return;
    const ready = (): void => {
      void begin.then(() => {
        if (!until.aborted) emit({ type: 'watch-started', services: watched.map(({ name }) => name) });
      });
    };
    const request = {
      folders: [...new Set(watched.flatMap(({ context }) => context.folders))],
      ignored: (file: string) => watched.every((service) => isIgnored(service, file)),
    };
    /** What has changed and does not run yet. */
    const stale = new Set<string>();
    for await (const { paths } of watchFiles(request, ready, until)) {
      const changed = watched.filter((service) => paths.some((file) => concerns(service, file)));
      if (changed.length === 0) continue;
      await begin;
      if (until.aborted) return;
      emit({ type: 'files-changed', paths, services: changed.map(({ name }) => name) });
      for (const { name } of changed) stale.add(name);
      busy(true);
      const problems = await rebuild(loaded, [...stale], paths, surroundings);
      busy(false);
      for (const name of [...stale])
        if (!problems.some(({ service }) => service === name)) stale.delete(name);
    }
  } catch (error) {
    if (!until.aborted) for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  }
}

/** Rules of the file that ask for something else than a build. */
function unfollowedRules(loaded: Loaded): readonly Problem[] {
  return Object.entries(loaded.stack.services).flatMap(([service, { develop }]) => {
    const index = develop?.watch?.findIndex(({ action }) => action !== 'rebuild') ?? -1;
    if (index === -1) return [];
    const problem: Problem = {
      code: 'unsupported-key',
      severity: 'warning',
      service,
      path: `services.${service}.develop.watch[${index}].action`,
      message: `stack cannot follow the watch rules of ${service} yet: it builds ${service} anew when its files change`,
      hint: 'run `stack up --no-watch` with `docker compose watch` beside it',
    };
    return [placed(problem, loaded)];
  });
}

async function watchedServices(
  loaded: Loaded,
  { readBuildContext }: Surroundings,
): Promise<readonly WatchedService[]> {
  const built = Object.entries(loaded.stack.services).flatMap(([name, service]) =>
    service.build === undefined ? [] : [{ name, service, build: service.build }],
  );
  return Promise.all(
    built.map(async ({ name, service, build }) => ({
      name,
      context: await readBuildContext(build),
      mounted: bindSources(service),
    })),
  );
}

function bindSources(service: Service): readonly string[] {
  return (service.volumes ?? []).flatMap((mount) => (mount.type === 'bind' ? [mount.source] : []));
}

function concerns({ context, mounted }: WatchedService, file: string): boolean {
  return !mounted.some((source) => isInside(source, file)) && context.includes(file);
}

/** Not to be entered or heard of: nothing in it can reach the image by a build. */
function isIgnored({ context, mounted }: WatchedService, file: string): boolean {
  return mounted.some((source) => isInside(source, file)) || context.prunes(file);
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder + path.sep);
}

async function rebuild(
  loaded: Loaded,
  services: readonly string[],
  paths: readonly string[],
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const { exclusively, signal } = surroundings;
  const { stack } = loaded;
  const because = `${path.relative(stack.directory, paths[0] ?? '')} changed`;
  const rebuilt = Object.fromEntries(services.map((name) => [name, because]));
  try {
    return await exclusively(stack.name, signal, async () => {
      const observed = await observeStack(stack, surroundings, signal);
      const plan = withPlaces(loaded, () => planUp(stack, observed, { rebuild: rebuilt, leaveEnded: true }));
      return carryOut({ ...plan, warnings: [] }, 'change', surroundings, signal, loaded);
    });
  } catch (error) {
    const problems = problemsOf(error);
    for (const problem of problems) surroundings.emit({ type: 'problem-found', problem });
    return problems;
  }
}
