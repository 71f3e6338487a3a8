import type { BuildImage } from '../../model/plan.ts';
import { type Build, isRemoteContext } from '../../model/stack.ts';

/** What the builder has to know of a build besides its files. */
export interface Attributes {
  /** Of the frontend that reads the Dockerfile: `build-arg:NAME`, `label:NAME`, `context:NAME` … */
  readonly frontend: Readonly<Record<string, string>>;
  /** Folders of this machine by the names under which the builder asks for them. */
  readonly folders: Readonly<Record<string, string>>;
  readonly entitlements: readonly string[];
  readonly cacheExports: readonly CacheEntry[];
  readonly cacheImports: readonly CacheEntry[];
}

/** `type=registry,ref=…` */
export interface CacheEntry {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Whether `extra_hosts` names this machine by the word that stands for its address, which only engines know, not builders. */
export function wantsHostGateway({ extra_hosts = [] }: Build): boolean {
  return extra_hosts.some((host) => addressIn(host) === hostGateway);
}

const hostGateway = 'host-gateway';

/**
 * Puts a build into the words of BuildKit's Dockerfile frontend. Folders of the context itself are not among them. `gateway`: the
 * address that `host-gateway` stands for.
 */
export function attributesOf(
  { build, labels, platform, bases = {} }: BuildImage,
  gateway = hostGateway,
): Attributes {
  const folders: Record<string, string> = {};
  const contexts: Record<string, string> = {};
  for (const [name, value] of Object.entries(build.additional_contexts ?? {})) {
    // The names of the build's own folders are taken.
    const folder = name === 'context' || name === 'dockerfile' ? `_${name}` : name;
    if (isRemoteContext(value)) contexts[`context:${name}`] = value;
    else {
      folders[folder] = value;
      contexts[`context:${name}`] = `local:${folder}`;
    }
  }
  for (const name of Object.keys(bases)) contexts[`context:${name}`] = `input:${name}`;
  const cacheImports = cacheEntries(build.cache_from);
  const frontend = {
    ...named('build-arg', build.args),
    ...named('label', { ...build.labels, ...labels }),
    ...contexts,
    // Builders that do not know it refuse whatever names it.
    'frontend.caps':
      Object.keys(contexts).length === 0 ? undefined : 'moby.buildkit.frontend.contexts+forward',
    target: build.target,
    platform: build.platforms?.join(',') || platform,
    'no-cache': noCache(build),
    'image-resolve-mode': build.pull === true ? 'pull' : undefined,
    'add-hosts': build.extra_hosts?.map((host) => hostPair(host, gateway)).join(','),
    'force-network-mode': build.network === 'default' ? undefined : build.network,
    'shm-size': build.shm_size === undefined ? undefined : String(build.shm_size),
    ulimit: ulimits(build.ulimits),
    'cache-imports': cacheImports.length === 0 ? undefined : JSON.stringify(cacheImports.map(asJson)),
    'attest:provenance': attestation(build.provenance),
    'attest:sbom': attestation(build.sbom),
  };
  return {
    frontend: Object.fromEntries(
      Object.entries(frontend).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    folders,
    entitlements: entitlementsOf(build),
    cacheExports: [
      ...cacheEntries(build.cache_to),
      ...(isTrue(build.args?.BUILDKIT_INLINE_CACHE) ? [{ type: 'inline', attributes: {} }] : []),
    ],
    cacheImports,
  };
}

function named(prefix: string, values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}:${name}`, value]));
}

/** Empty for all stages. */
function noCache({ no_cache, no_cache_filter }: Build): string | undefined {
  if (no_cache === true) return '';
  return no_cache_filter === undefined || no_cache_filter.length === 0
    ? undefined
    : no_cache_filter.join(',');
}

function hostPair(host: string, gateway: string): string {
  const address = addressIn(host);
  return `${host.split(/[=:]/, 1)[0]}=${address === hostGateway ? gateway : address}`;
}

/** Of `name=address` or `name:address`. */
function addressIn(host: string): string {
  return host.replace(/^[^=:]+[=:]/, '').replace(/^\[(.*)\]$/, '$1');
}

function ulimits(limits: Build['ulimits']): string | undefined {
  if (limits === undefined) return undefined;
  return Object.entries(limits)
    .map(([name, limit]) =>
      typeof limit === 'number' ? `${name}=${limit}:${limit}` : `${name}=${limit.soft}:${limit.hard}`,
    )
    .join(',');
}

function entitlementsOf({ entitlements = [], privileged, network }: Build): readonly string[] {
  return [
    ...new Set([
      ...entitlements,
      ...(privileged === true ? ['security.insecure'] : []),
      ...(network === 'host' ? ['network.host'] : []),
    ]),
  ];
}

/** As Go reads it. */
function isTrue(text = ''): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}

/** Without those of GitHub's actions where none runs, as docker buildx does it; where one does, with what it is known by. */
function cacheEntries(texts: readonly string[] = []): readonly CacheEntry[] {
  const { ACTIONS_RUNTIME_TOKEN: token, ACTIONS_CACHE_URL: url, ACTIONS_RESULTS_URL: url_v2 } = process.env;
  return texts.map(cacheEntry).flatMap(({ type, attributes }) => {
    if (type !== 'gha') return [{ type, attributes }];
    const own = { ...(token && { token }), ...(url && { url }), ...(url_v2 && { url_v2 }), ...attributes };
    return own.token === undefined || (own.url ?? own.url_v2) === undefined
      ? []
      : [{ type, attributes: own }];
  });
}

/** `NAME` alone stands for an image of a registry. */
function cacheEntry(text: string): CacheEntry {
  if (!text.includes('=')) return { type: 'registry', attributes: { ref: text } };
  const pairs = text.split(',').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name.trim().toLowerCase(), value.join('=')] as const;
  });
  const { type = 'registry', ...attributes } = Object.fromEntries(pairs);
  return { type, attributes };
}

function asJson({ type, attributes }: CacheEntry): object {
  return { Type: type, Attrs: attributes };
}

/** `true` is all there is by default, anything else says what. */
function attestation(setting: string | undefined): string | undefined {
  if (setting === undefined || setting === 'false') return undefined;
  return setting === 'true' ? '' : setting;
}
