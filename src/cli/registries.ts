import type { Registry } from '../model/registry.ts';
import { settingsInUse } from './settings.ts';

/** Registries with what the user is logged in with; what speaks with them is loaded when it is needed. */
export function registries(isInsecure: (host: string) => boolean, signal: AbortSignal | undefined): Registry {
  const ended = signal ?? new AbortController().signal;
  let opened: Promise<Registry> | undefined;
  const open = (): Promise<Registry> => {
    opened ??= openWithLogins(isInsecure, ended);
    return opened;
  };
  return {
    digestOf: async (reference) => (await open()).digestOf(reference),
    filesOf: async (reference, digest) => (await open()).filesOf(reference, digest),
    publish: async (request) => (await open()).publish(request),
  };
}

async function openWithLogins(isInsecure: (host: string) => boolean, signal: AbortSignal): Promise<Registry> {
  const [{ userCredentials }, { openRegistry }, { takeProxies }] = await Promise.all([
    import('../docker/endpoint.ts'),
    import('../registry/projects.ts'),
    import('../registry/proxies.ts'),
  ]);
  takeProxies(process.env);
  const credentials = userCredentials(settingsInUse().engine.variables);
  return openRegistry({ login: (host) => credentials.forHost(host, signal), isInsecure, signal });
}
