import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../model/nearest.ts';
import { failure } from '../model/problem.ts';
import { readUrl } from './address.ts';
import { type TlsMaterial, tlsOfContext } from './tls.ts';

/** Environment variables; nothing else of the process or the machine's user is asked. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A context of the docker CLI, and by whom it was chosen: `--context`, `DOCKER_CONTEXT`, or a file. */
export interface ChosenContext {
  readonly name: string;
  readonly said: string;
}

/** Without a home it is a folder that no one has, rather than one of the folder that happens to be the current one. */
export function configFolder(env: Variables): string {
  return env.DOCKER_CONFIG || join(env.HOME || env.USERPROFILE || '/', '.docker');
}

/** The docker CLI's `config.json`. What is missing or no JSON counts as not said, as it does for that CLI. */
export function readConfig(env: Variables): unknown {
  return readJson(join(configFolder(env), 'config.json'));
}

/** The context that the docker CLI was told to use from now on (`docker context use`), if any. */
export function currentContext(env: Variables): ChosenContext | undefined {
  const { currentContext: name } = (readConfig(env) ?? {}) as { currentContext?: unknown };
  if (typeof name !== 'string' || name === '') return undefined;
  return { name, said: join(configFolder(env), 'config.json') };
}

interface ContextMeta {
  readonly Name?: unknown;
  readonly Endpoints?: { readonly docker?: { readonly Host?: unknown; readonly SkipTLSVerify?: unknown } };
}

/**
 * Where the engine of a context is.
 *
 * @throws ProblemsError with `invalid-option` if it does not exist, has no address, or its certificates cannot be read.
 */
export async function readContext(
  { name, said }: ChosenContext,
  env: Variables,
): Promise<{ readonly url: string; readonly tls?: TlsMaterial }> {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(configFolder(env), 'contexts');
  const file = join(contexts, 'meta', id, 'meta.json');
  const meta = readJson(file) as ContextMeta | undefined;
  if (meta === undefined) {
    const known = ['default', ...contextNames(env)];
    const near = nearest(name, known);
    throw failure({
      code: 'invalid-option',
      message: `the Docker context ${name}, named by ${said}, does not exist`,
      hint: near === undefined ? `the contexts are ${known.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const { Host, SkipTLSVerify } = meta.Endpoints?.docker ?? {};
  if (typeof Host !== 'string' || Host === '') {
    throw failure({
      code: 'invalid-option',
      message: `the Docker context ${name}, named by ${said}, has no Docker endpoint`,
      hint: `use another context, or correct ${file}`,
    });
  }
  const tls = await tlsOfContext(name, join(contexts, 'tls', id, 'docker'), SkipTLSVerify === true);
  const url = readUrl(Host, `the Docker context ${name}`);
  return { url, ...(tls === undefined ? {} : { tls }) };
}

/** The contexts there are besides `default`. */
export function contextNames(env: Variables): string[] {
  const folder = join(configFolder(env), 'contexts', 'meta');
  return idsIn(folder)
    .map((id) => (readJson(join(folder, id, 'meta.json')) as ContextMeta | undefined)?.Name)
    .filter((name) => typeof name === 'string')
    .sort();
}

function idsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** At once: it is small, each command needs it, and promises of files take longer to load than it takes to read. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}
