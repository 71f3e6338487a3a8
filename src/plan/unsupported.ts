import type { Problem } from '../model/problem.ts';
import {
  type Config,
  originOf,
  type Secret,
  type Service,
  type Stack,
  type StackPath,
} from '../model/stack.ts';

/** What a stack asks of its containers and no engine can do: it is never left out in silence. */
export function unsupportedIn(stack: Stack): readonly Problem[] {
  return Object.entries(stack.services).flatMap(([name, service]) => [
    ...refusedFiles(stack, name, service),
    ...refusedSocket(stack, name, service),
    ...refusedHooks(stack, name, service),
  ]);
}

function problem(
  stack: Stack,
  service: string,
  path: StackPath,
  words: Pick<Problem, 'message' | 'hint'>,
): Problem {
  const location = originOf(stack, path);
  return {
    code: 'unsupported-key',
    severity: 'error',
    service,
    path,
    ...words,
    ...(location && { location }),
  };
}

/** As with Docker Compose 5, a hook before the start is for all containers of its service. */
function refusedHooks(stack: Stack, name: string, { pre_start = [] }: Service): readonly Problem[] {
  return pre_start.flatMap(({ per_replica }, index) =>
    per_replica === true
      ? problem(stack, name, `services.${name}.pre_start[${index}].per_replica`, {
          message: `a pre_start hook of ${name} is to run for each container, which is not possible`,
          hint: 'remove `per_replica`: it runs once, before the first of them starts',
        })
      : [],
  );
}

/** What asks for files that cannot be written into a container. */
function refusedSocket(stack: Stack, name: string, service: Service): readonly Problem[] {
  if (service.use_api_socket !== true || service.read_only !== true) return [];
  return [
    problem(stack, name, `services.${name}.use_api_socket`, {
      message: `the credentials that \`use_api_socket\` gives cannot be written into ${name}, which is \`read_only\``,
      hint: `remove one of the two, or mount ${'`/var/run/docker.sock`'} by \`volumes\``,
    }),
  ];
}

/** Configs and secrets that only a swarm can give, and those that cannot be written into a container. */
function refusedFiles(stack: Stack, name: string, service: Service): readonly Problem[] {
  return (['config', 'secret'] as const).flatMap((kind) =>
    (service[`${kind}s`] ?? []).flatMap(({ source }, index) => {
      const part: Config | Secret | undefined = stack[`${kind}s`][source];
      const path = `services.${name}.${kind}s[${index}]`;
      const refuse = (message: string, hint: string) => [problem(stack, name, path, { message, hint })];
      if (part?.external === true) {
        const hint = `only a swarm has it; give the ${kind} a \`file\`, \`environment\`${kind === 'config' ? ' or `content`' : ''}`;
        return refuse(`unsupported external ${kind} ${source}`, hint);
      }
      const driver =
        part !== undefined && (['driver', 'template_driver'] as const).find((key) => key in part);
      if (driver) {
        return refuse(
          `${name} wants the ${kind} \`${source}\` with a \`${driver}\`, which only a swarm has`,
          `remove the \`${driver}\``,
        );
      }
      if (part?.file === undefined && service.read_only === true) {
        return refuse(
          `the ${kind} \`${source}\` cannot be written into ${name}, which is \`read_only\``,
          `give the ${kind} a \`file\`: that is mounted`,
        );
      }
      return [];
    }),
  );
}
