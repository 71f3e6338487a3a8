import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Loaded } from '../load/load.ts';
import type { Demand, Trust } from '../model/demand.ts';
import type { Action, Plan } from '../model/plan.ts';
import { serviceOf } from '../model/plan.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { originOf } from '../model/stack.ts';
import { demandsOf, hostPathsOf } from '../plan/demands.ts';

/** Who brings up the stack of a stranger is to know what it gets: nothing of that is made before someone has agreed to it. */

/** What a stack asks for that reaches beyond its containers and its folder. */
export function demandsIn(
  { stack, read }: Pick<Loaded, 'stack' | 'read'>,
  { home, own }: Pick<Trust, 'home' | 'own'>,
): readonly Demand[] {
  const named = new Set([...stack.files, ...stack.environmentFiles]);
  const unnamed = read.filter((file) => !named.has(file));
  const places = [...hostPathsOf(stack), ...unnamed].map(
    (path) => [path, placeOf(resolve(stack.directory, path))] as const,
  );
  return demandsOf(stack, unnamed, { home, own, leadsTo: new Map(places) });
}

/** What nobody has agreed to of all that is asked for, or of some of it, as one problem; none if there is nothing. */
export async function untrusted(
  loaded: Loaded,
  { trust, rehearse }: Pick<Surroundings, 'trust' | 'rehearse'>,
  concerns: (demand: Demand) => boolean = () => true,
): Promise<readonly Problem[]> {
  if (trust === undefined || rehearse !== undefined) return [];
  const demands = demandsIn(loaded, trust).filter(concerns);
  const isFine = demands.length === 0 || (await trust.agrees(loaded.stack.directory, demands));
  return isFine ? [] : [notTrusted(demands, loaded)];
}

/** Throws `not-trusted` if a plan is to make something of a service for which nobody has agreed to what it asks for. */
export async function refuseUntrusted(
  { steps }: Plan,
  loaded: Loaded,
  surroundings: Pick<Surroundings, 'trust' | 'rehearse'>,
): Promise<void> {
  const made = { build: new Set<string>(), containers: new Set<string>() };
  for (const { action } of steps) {
    const service = serviceOf(action) ?? '';
    if (action.kind === 'build-image') made.build.add(service);
    else if (givesWay(action)) made.containers.add(service);
  }
  if (made.build.size === 0 && made.containers.size === 0) return;
  const problems = await untrusted(loaded, surroundings, ({ service, for: who }) =>
    service === '' ? made[who].size > 0 : made[who].has(service),
  );
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Whether an action gives a container, or a program that stands for it, what its service asks for. */
function givesWay(action: Action): boolean {
  if (action.kind === 'run-hook') return action.hook.privileged === true;
  if (action.kind === 'run-command') return action.command.privileged === true;
  return making.has(action.kind);
}

const making: ReadonlySet<Action['kind']> = new Set([
  'create-container',
  'run-pre-start',
  'provide-service',
  'withdraw-service',
]);

function notTrusted(demands: readonly Demand[], { stack, sourceLine }: Loaded): Problem {
  const [first, ...others] = demands.map((demand) => ({ ...demand, location: originOf(stack, demand.path) }));
  const { service = '', path = '', what = '', location } = first ?? {};
  const line = location === undefined ? undefined : sourceLine(location);
  return {
    code: 'not-trusted',
    severity: 'error',
    ...(service === '' ? {} : { service, path }),
    message: `${service || 'the stack'} asks for ${what}, and nobody has agreed to that`,
    ...(location === undefined ? {} : { location }),
    ...(line === undefined ? {} : { sourceLine: line }),
    ...(others.length === 0
      ? {}
      : {
          related: others.map((other) => ({
            message: `${other.service || 'the stack'} asks for ${other.what}`,
            ...(other.location === undefined ? {} : { location: other.location }),
          })),
        }),
    hint: 'if you trust these files: stack up --trust, which is remembered, or STACK_TRUST=1 in the environment',
  };
}

/** Where a path leads, also if nothing is there yet. */
function placeOf(path: string, links = 0): string {
  try {
    return realpathSync.native(path);
  } catch {
    const folder = dirname(path);
    const target = links < most ? targetOf(path) : undefined;
    if (target !== undefined) return placeOf(resolve(folder, target), links + 1);
    return folder === path ? path : join(placeOf(folder, links), basename(path));
  }
}

/** `undefined` for what is no link. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** As many links of links as systems follow. */
const most = 40;
