import { type Problem, ProblemsError } from '../model/problem.ts';
import { type Build, originOf, type Service, type Stack, type StackPath } from '../model/stack.ts';

/**
 * Refuses what a stack asks of its containers and cannot be done yet: it is never left out in silence. Throws
 * `ProblemsError` with all of them.
 */
export function refuseUnsupported(stack: Stack): void {
  refuse(
    stack,
    Object.entries(stack.services).flatMap(([name, service]) =>
      wantsOf(stack, service).map(([key, what]) => ({ name, path: `services.${name}.${key}`, what })),
    ),
  );
}

/** Refuses a build that needs what only a session with the builder can give. Throws `ProblemsError`. */
export function refuseBuild(stack: Stack, name: string, build: Build): void {
  const wants = (['additional_contexts', 'entitlements', 'privileged', 'secrets', 'ssh'] as const).filter(
    (key) => build[key] !== undefined,
  );
  refuse(
    stack,
    wants.map((key) => ({ name, path: `services.${name}.build.${key}`, what: `\`${key}\` in its build` })),
  );
}

interface Unsupported {
  readonly name: string;
  readonly path: StackPath;
  /** In words that follow "wants". */
  readonly what: string;
}

function refuse(stack: Stack, unsupported: readonly Unsupported[]): void {
  const problems = unsupported.map(({ name, path, what }): Problem => {
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
  });
  if (problems.length > 0) throw new ProblemsError(problems);
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
