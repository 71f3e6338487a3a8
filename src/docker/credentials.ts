import { execFile } from 'node:child_process';

/**
 * What the user's `docker login` has left behind. It is looked up anew each time and only when it is asked for: helpers
 * may be slow, and may ask the user. No method throws, but for an aborted signal: an image that is public can be had
 * without, and for one that is not the engine says so. No value ever gets into an error.
 */
export interface RegistryCredentials {
  /** The `X-Registry-Auth` header for an image; `undefined` without credentials for its registry. */
  forImage(image: string, signal: AbortSignal): Promise<string | undefined>;
  /** What the user is logged in with at a registry, by its host; `undefined` without credentials for it. */
  forHost(host: string, signal: AbortSignal): Promise<Credentials | undefined>;
  /** The `X-Registry-Config` header: all credentials there are; `undefined` without any. */
  all(signal: AbortSignal): Promise<string | undefined>;
  /** The same as the `auths` of a configuration of the docker CLI. */
  asConfig(signal: AbortSignal): Promise<Readonly<Record<string, object>>>;
}

/** Environment and contents of the docker CLI's `config.json` come from where the engine was found. */
export function registryCredentials(
  readConfig: () => unknown,
  env: Readonly<Record<string, string | undefined>>,
): RegistryCredentials {
  return {
    async forImage(image, signal) {
      const config = (readConfig() ?? {}) as Config;
      const found = await find(config, registryOf(image), env, signal);
      return found === undefined ? undefined : encode(found);
    },
    async forHost(host, signal) {
      const config = (readConfig() ?? {}) as Config;
      return find(config, keyOf(host), env, signal);
    },
    async all(signal) {
      const known = await findAll((readConfig() ?? {}) as Config, env, signal);
      return known.length === 0 ? undefined : encode(Object.fromEntries(known));
    },
    async asConfig(signal) {
      const known = await findAll((readConfig() ?? {}) as Config, env, signal);
      return Object.fromEntries(known.map(([registry, credentials]) => [registry, asEntry(credentials)]));
    },
  };
}

async function findAll(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly (readonly [string, Credentials])[]> {
  const named = [given(env), config.auths, config.credHelpers].flatMap((part) => Object.keys(part ?? {}));
  const registries = [...new Set(named.map(keyOf))];
  const found = await Promise.all(
    registries.map(async (registry) => [registry, await find(config, registry, env, signal)] as const),
  );
  return found.filter((entry): entry is readonly [string, Credentials] => entry[1] !== undefined);
}

/** As they stand in the file. */
function asEntry({ serveraddress: _, username, password, ...tokens }: Credentials): Entry {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return { ...(username === undefined ? {} : { auth }), ...tokens };
}

/** The key of the registry an image reference belongs to, as `docker login` has it. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === 'localhost' ? keyOf(first) : dockerHub;
}

const dockerHub = 'https://index.docker.io/v1/';

/** The docker CLI has a host for a key, but for Docker Hub; older entries have a whole address. */
function keyOf(name: string): string {
  const host = name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? dockerHub : host;
}

interface Config {
  readonly auths?: Readonly<Record<string, Entry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface Entry {
  /** `USER:PASSWORD` in base64. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** As the engine's API wants them. */
export interface Credentials extends Omit<Entry, 'auth'> {
  readonly serveraddress: string;
}

async function find(
  config: Config,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const helper: unknown = ofRegistry(config.credHelpers, registry) ?? config.credsStore;
  const found =
    written(ofRegistry(given(env), registry)) ??
    (typeof helper === 'string' && helper !== ''
      ? await askHelper(helper, registry, env, signal)
      : undefined) ??
    written(ofRegistry(config.auths, registry));
  return found === undefined ? undefined : { ...found, serveraddress: registry };
}

/** What DOCKER_AUTH_CONFIG has, which goes before the file; what cannot be read is nothing, as with the docker CLI. */
function given({
  DOCKER_AUTH_CONFIG: text = '',
}: Readonly<Record<string, string | undefined>>): Config['auths'] {
  try {
    return (JSON.parse(text) as Config | null)?.auths;
  } catch {
    return undefined;
  }
}

function ofRegistry<T>(values: Readonly<Record<string, T>> | undefined, registry: string): T | undefined {
  return values?.[registry] ?? Object.entries(values ?? {}).find(([name]) => keyOf(name) === registry)?.[1];
}

/** Credentials that stand in the file itself; those that a helper keeps have an empty entry there. */
function written(entry: Entry | undefined): Omit<Entry, 'auth'> | undefined {
  const { auth, username, password, identitytoken, registrytoken } = texts(entry);
  if (identitytoken) return { identitytoken };
  if (registrytoken) return { registrytoken };
  if (username && password) return { username, password };
  const text = Buffer.from(auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

/** The file is the user's own: what is no text there is not said. */
function texts(entry: Entry | undefined): Entry {
  return Object.fromEntries(Object.entries(entry ?? {}).filter(([, value]) => typeof value === 'string'));
}

/** A helper that fails, or that has nothing for the registry, which it tells by failing too, gives no credentials. */
async function askHelper(
  helper: string,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Omit<Entry, 'auth'> | undefined> {
  // No program has such a name.
  if (/[\0/]/.test(helper)) return undefined;
  const answer = await outputOf(`docker-credential-${helper}`, registry, env, signal);
  signal.throwIfAborted();
  try {
    const { Username, Secret } = JSON.parse(answer) as { Username?: unknown; Secret?: unknown };
    if (typeof Username !== 'string' || typeof Secret !== 'string' || Secret === '') return undefined;
    return Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch {
    return undefined;
  }
}

const helperTimeout = 10_000;

/** What `PROGRAM get` writes when it is given the registry; nothing if it cannot be run or fails. */
function outputOf(
  program: string,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const options = { env: { ...env }, signal, timeout: helperTimeout, killSignal: 'SIGKILL' } as const;
    const child = execFile(program, ['get'], options, (error, stdout) => {
      resolve(error === null ? stdout : '');
    });
    // It may end without having read.
    child.stdin?.on('error', () => {});
    child.stdin?.end(registry);
  });
}

/** Base64 for URLs with padding: without it engines do not decode it. */
function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
