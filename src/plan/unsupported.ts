import { type Problem, ProblemsError } from '../model/problem.ts';
import { type Build, originOf, type Service, type Stack, type StackPath } from '../model/stack.ts';

/**
 * Refuses what a stack asks of its containers and cannot be done yet: it is never left out in silence. Throws
 * `ProblemsError` with all of them.
 */
export function refuseUnsupported(stack: Stack): void {
  const problems = unsupportedIn(stack);
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** What a stack asks of its containers and cannot be done yet. */
export function unsupportedIn(stack: Stack): readonly Problem[] {
  return Object.entries(stack.services).flatMap(([name, service]) =>
    wantsOf(stack, service).map(([key, what]) => unsupported(stack, name, `services.${name}.${key}`, what)),
  );
}

/** Refuses a build that needs what only a session with the builder can give. Throws `ProblemsError`. */
export function refuseBuild(stack: Stack, name: string, build: Build): void {
  const wants = (['additional_contexts', 'entitlements', 'privileged', 'secrets', 'ssh'] as const).filter(
    (key) => build[key] !== undefined,
  );
  const problems = wants.map((key) =>
    unsupported(stack, name, `services.${name}.build.${key}`, `\`${key}\` in its build`),
  );
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** `what` is in words that follow "wants". */
function unsupported(stack: Stack, name: string, path: StackPath, what: string): Problem {
  const location = originOf(stack, path);
  return {
    code: 'unsupported-key',
    severity: 'error',
    service: name,
    path,
    message: `${name} wants ${what}, which stack cannot do yet`,
    hint: 'remove it, or run these files with docker compose',
    ...(location && { location }),
  };
}

/** Keys and what they stand for. */
function wantsOf(stack: Stack, service: Service): readonly (readonly [string, string])[] {
  const wants: [string, string][] = [];
  for (const kind of ['configs', 'secrets'] as const) {
    for (const [index, { source }] of (service[kind] ?? []).entries()) {
      const part = stack[kind][source];
      const path = `${kind}[${index}]`;
      if (part?.external) wants.push([path, `\`${source}\`, which is kept by a swarm`]);
      else if (part?.file === undefined && service.read_only) {
        wants.push([path, `\`${source}\` written into it though it is \`read_only\``]);
      }
    }
  }
  for (const key of ['models', 'pre_start', 'provider', 'use_api_socket'] as const) {
    if (service[key] !== undefined && service[key] !== false) wants.push([key, `\`${key}\``]);
  }
  return wants;
}
