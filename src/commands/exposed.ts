import { readText } from '../load/files.ts';
import { maskValue } from '../model/masking.ts';
import { failure } from '../model/problem.ts';
import type { ProjectFile } from '../model/registry.ts';
import type { Stack } from '../model/stack.ts';
import { sensitiveIn } from './sensitive.ts';

/** What would be seen of a machine by whoever may read what is published, as Docker Compose 2.40.3 asks about it. */

/** The question about folders of this machine; undefined if there are none. */
export function aboutMounts({ services }: Stack): string | undefined {
  const told = Object.entries(services).flatMap(([name, { volumes = [] }]) =>
    volumes.flatMap((mount) =>
      mount.type === 'bind'
        ? `${name}  ${mount.source}:${mount.target}:${mount.read_only === true ? 'ro' : 'rw'}\n`
        : [],
    ),
  );
  if (told.length === 0) return undefined;
  return `you are about to publish bind mounts declaration within your OCI artifact.
only the bind mount declarations will be added to the OCI artifact (not content)
please double check that you are not mounting potential user's sensitive directories or data
${told.join('')}Are you ok to publish these bind mount declarations?`;
}

/** The question about credentials in files, also in those that configs and secrets come from. */
export async function aboutSensitive(
  { configs, secrets }: Stack,
  files: readonly ProjectFile[],
): Promise<string | undefined> {
  const referred = [...Object.values(configs), ...Object.values(secrets)].flatMap(({ file }) => file ?? []);
  const texts = await Promise.all(
    [...new Set(referred)].map(async (path) => {
      const file = await readText(path);
      return file.kind === 'text' ? file.text : '';
    }),
  );
  const published = files.map(({ content }) => Buffer.from(content).toString('utf8'));
  const found = [...published, ...texts].flatMap(sensitiveIn);
  if (found.length === 0) return undefined;
  // Whoever wrote it knows it by its name, and it is not to stand in the log of a build.
  const told = found.map(({ type, key, value }) => `${type}\n"${key}": ${value.slice(0, 4)}…\n`);
  return `you are about to publish sensitive data within your OCI artifact.
please double check that you are not leaking sensitive data
${told.join('')}Are you ok to publish these sensitive data?`;
}

/** Throws `invalid-option` if there are variables; in `written` env files are still named. */
export function refuseEnvironment(stack: Stack, written: Stack): void {
  const told = [
    ...Object.entries(stack.services).flatMap(([name, { environment = {} }]) => [
      ...((written.services[name]?.env_file ?? []).length > 0
        ? [`service "${name}" has env_file declared.`]
        : []),
      ...(Object.keys(environment).length > 0
        ? [`service "${name}" has environment variable(s) declared.`]
        : []),
    ]),
    ...Object.values(stack.configs)
      .filter(({ environment }) => environment !== undefined)
      .map(({ name }) => `config "${name}" is declared as an environment variable.`),
  ];
  if (told.length === 0) return;
  throw failure({
    code: 'invalid-option',
    message: `environment variables are published only if that is allowed: ${told.join(' ')}`,
    hint: 'allow it with --with-env, or remove what nobody is to see',
  });
}

/** The question about variables; undefined if there are none. */
export function aboutEnvironment({ services, configs }: Stack): string | undefined {
  const named: readonly (readonly [string, Readonly<Record<string, string | null>>])[] = [
    ...Object.entries(services).map(([name, { environment = {} }]) => [name, environment] as const),
    ...Object.values(configs).flatMap(({ name, environment }) =>
      environment === undefined ? [] : [[name, { [name]: environment }] as const],
    ),
  ];
  const told = named
    .filter(([, variables]) => Object.keys(variables).length > 0)
    .map(([name, variables]) => {
      const lines = Object.entries(variables).map(
        ([key, value]) => `${key}=${maskValue(key, value ?? '')}\n`,
      );
      return `Service/Config  ${name}\n${lines.join('')}`;
    });
  if (told.length === 0) return undefined;
  return `you are about to publish environment variables within your OCI artifact.
please double check that you are not leaking sensitive data
${told.join('')}Are you ok to publish these environment variables?`;
}
