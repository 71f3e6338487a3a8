import path from 'node:path';
import type { Loaded } from '../load/load.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';

/** Gives the stack as its files are now, for an order that concerns some of its services. Never throws. */
export type Fresh = (services: readonly string[]) => Promise<Loaded>;

/**
 * Someone else may change the files of a stack, and bring up what they say, while a command stays with it. Files that cannot
 * be used count as they were before. If it `tells`, that is told, and once what they say of other services than those that an
 * order concerns.
 */
export function freshly(
  loaded: Loaded,
  reload: () => Promise<Loaded>,
  { emit, tells }: Pick<Surroundings, 'emit'> & { readonly tells: boolean },
): Fresh {
  let last = loaded;
  const said = new Map(partsOf(loaded));
  const told = new Set<string>();
  const tell = (problem: Problem): void => {
    if (!tells || told.has(problem.message)) return;
    told.add(problem.message);
    emit({ type: 'problem-found', problem });
  };
  return async (services) => {
    try {
      last = await reload();
    } catch (error) {
      const [first] = problemsOf(error);
      if (first !== undefined) tell(unusable(first));
      return last;
    }
    const parts = new Map(partsOf(last));
    const names = [...new Set([...said.keys(), ...parts.keys()])];
    const changed = names.filter((name) => said.get(name) !== parts.get(name));
    for (const name of changed) said.set(name, parts.get(name) ?? '');
    const others = changed.filter((name) => !services.includes(name) || !parts.has(name));
    if (tells && others.length > 0) emit({ type: 'problem-found', problem: changedSince(last, others) });
    return last;
  };
}

/** What is compared, by what it is called: each service by its name. */
function partsOf({ stack, contents }: Loaded): readonly (readonly [string, string])[] {
  const { services, networks, volumes, configs, secrets, models } = stack;
  const others = { networks, volumes, configs, secrets, models };
  return [
    ...Object.entries(services).map(([name, service]) => [name, JSON.stringify(service)] as const),
    ...Object.entries(others).map(([name, part]) => [`the ${name}`, JSON.stringify(part)] as const),
    ['the contents of configs and secrets', JSON.stringify([...contents])],
  ];
}

function changedSince({ stack }: Loaded, names: readonly string[]): Problem {
  const files = stack.files.map((file) => path.relative(stack.directory, file)).join(', ');
  return {
    code: 'stack-changed',
    severity: 'warning',
    message: `what ${files} says of ${names.join(', ')} has changed since it was read`,
    hint: 'containers stay as they are; the next stack up applies it',
  };
}

/** What is told of files that cannot be used. */
export function unusable({ message, location, sourceLine }: Problem): Problem {
  return {
    code: 'stack-changed',
    severity: 'warning',
    message: `the files of the stack have changed and cannot be used: ${message}`,
    hint: 'what they said before counts until they are mended',
    ...(location && { location }),
    ...(sourceLine === undefined ? {} : { sourceLine }),
  };
}
