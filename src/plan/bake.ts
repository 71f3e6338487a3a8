import { composeVersion, label } from '../model/labels.ts';
import { type Build, imageOf, isRemoteContext, type Service, type Stack } from '../model/stack.ts';
import { type BuildOptions, changedBuild, platformsOf } from './images.ts';
import type { Json } from './printing.ts';

/**
 * The builds of a stack as a file for `docker buildx bake`, in the form in which Docker Compose 2.40.3 prints it. What the
 * order of its maps is left to there is in the order of the file here.
 */
export function formatBake(stack: Stack, options: BuildOptions): string {
  const all = { ...stack.bases, ...stack.services };
  const buildable = Object.keys(all).filter((name) => all[name]?.build !== undefined);
  const targets = buildable.map((name) => [targetName(name), targetOf(stack, all, name, options)] as const);
  const file = {
    group: { default: { targets: targets.map(([name]) => name) } },
    target: Object.fromEntries(targets.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  return `${escaped(JSON.stringify(file, undefined, 2))}\n`;
}

/** The name of a service in such a file, where none may have a dot. */
export function targetName(service: string): string {
  return service.replaceAll('.', '_');
}

function targetOf(
  stack: Stack,
  all: Readonly<Record<string, Service>>,
  name: string,
  options: BuildOptions,
): { readonly [key: string]: Json } {
  const service = all[name] ?? {};
  const build = changedBuild(service.build ?? { context: '' }, options);
  const platforms = platformsOf(stack, name, { all: true });
  const parts: Readonly<Record<string, Json | undefined>> = {
    context: build.context,
    contexts: sorted(build.additional_contexts, (value) =>
      value.startsWith('service:') ? `target:${targetName(value.slice('service:'.length))}` : value,
    ),
    dockerfile: dockerfileOf(build),
    'dockerfile-inline': build.dockerfile_inline && withoutVariables(build.dockerfile_inline),
    args: sorted(build.args, withoutVariables),
    labels: sorted({
      ...build.labels,
      [label.project]: stack.name,
      [label.service]: name,
      [label.version]: composeVersion,
    }),
    tags: [...(build.tags ?? []), imageOf(stack, name, service)],
    'cache-from': build.cache_from,
    'cache-to': build.cache_to,
    target: build.target,
    secret: secretsOf(stack, build),
    ssh: Object.entries(build.ssh ?? {}).map(([id, path]) => `${id}=${path ?? ''}`),
    platforms,
    pull: build.pull === true || undefined,
    'no-cache': build.no_cache === true || undefined,
    'no-cache-filter': build.no_cache_filter,
    network: build.network,
    'shm-size': build.shm_size === undefined ? undefined : String(build.shm_size),
    ulimits: Object.entries(build.ulimits ?? {}).map(([limit, value]) =>
      typeof value === 'number' ? `${limit}=${value}` : `${limit}=${value.soft}:${value.hard}`,
    ),
    call: options.check === true ? 'lint' : undefined,
    entitlements: [
      ...(build.entitlements ?? []),
      ...(build.privileged === true ? ['security.insecure'] : []),
    ],
    'extra-hosts': hostsOf(build),
    output: options.check === true ? undefined : [outputOf(service, platforms, options)],
    attest: [...attestation('provenance', build.provenance), ...attestation('sbom', build.sbom)],
  };
  const written = Object.entries(parts).filter((part): part is [string, Json] => !isNothing(part[1]));
  return Object.fromEntries(written);
}

function isNothing(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

function sorted(
  map: Readonly<Record<string, string>> = {},
  print = (value: string) => value,
): { readonly [key: string]: string } {
  const entries = Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, print(value)]));
}

/** A file of this machine by its whole path. */
function dockerfileOf({ context, dockerfile = 'Dockerfile', dockerfile_inline: inline }: Build) {
  if (inline) return undefined;
  if (isRemoteContext(context) || dockerfile.startsWith('/')) return dockerfile;
  const parts: string[] = [];
  for (const part of `${context}/${dockerfile}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What looks like a variable is none: they are replaced already. */
function withoutVariables(text: string): string {
  return text.replaceAll('${', () => '$${');
}

function secretsOf(stack: Stack, { secrets = [] }: Build): readonly string[] {
  return secrets.flatMap(({ source, target = source }) => {
    const { file, environment } = stack.secrets[source] ?? {};
    if (file !== undefined) return [`id=${target},type=file,src=${file}`];
    return environment === undefined ? [] : [`id=${target},type=env,env=${environment}`];
  });
}

function hostsOf({ extra_hosts: hosts = [] }: Build): { readonly [host: string]: string } {
  const found: Record<string, string> = {};
  for (const pair of hosts) {
    const [, host = '', address = ''] = /^([^=:]+)[=:](.*)$/.exec(pair) ?? [];
    found[host] = found[host] === undefined ? address : `${found[host]},${address}`;
  }
  return sorted(found);
}

function outputOf(service: Service, platforms: readonly string[], { push }: BuildOptions): string {
  const pushed = push && service.image !== undefined;
  if (platforms.length > 1) return `type=image,push=${pushed}`;
  return pushed ? 'type=registry' : 'type=docker';
}

function attestation(type: string, setting: string | undefined): readonly string[] {
  if (setting === undefined || setting === 'false') return [];
  return [setting === 'true' ? `type=${type}` : `type=${type},${setting}`];
}

/** As Go writes JSON, which is safe inside of HTML. */
function escaped(json: string): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[<>&\u2028\u2029]/g, code);
}
