import { readFirstVariables, type Whereabouts } from './project/first.ts';

/** What is looked at before there is an env file: those that say which one, and how what happens is told. */
const readEarlier = new Set([
  'COMPOSE_ENV_FILES',
  'COMPOSE_DISABLE_ENV_FILE',
  'COMPOSE_PROGRESS',
  'COMPOSE_STATUS_STDOUT',
]);

/**
 * The variables that steer the program itself: those of the process, and what the project's env file says under names that
 * begin with `COMPOSE_`. Nothing else of that file counts: it must not name another engine. What is wrong with it is told
 * by whoever loads the stack.
 */
export async function steeringVariables(
  request: Whereabouts,
): Promise<Readonly<Record<string, string | undefined>>> {
  const variables = await readFirstVariables(request, { report: () => {}, texts: new Map() });
  const steering = [...variables].filter(([name]) => name.startsWith('COMPOSE_') && !readEarlier.has(name));
  return { ...Object.fromEntries(steering), ...request.environment };
}
