import type { Service, Stack } from './stack.ts';

/**
 * What goes beyond the Compose Specification stands under `x-stack`, at the top of a file and in each service. Docker
 * Compose does not look at it, and no config hash covers it.
 */
export interface ServiceExtras {
  /** False: changes of files lead to nothing. */
  readonly watch?: boolean | null;
  /** False: it is told nothing of where the services are that it uses. */
  readonly discovery?: boolean | null;
  readonly provides?: Provides | null;
  readonly ready?: Readiness | null;
  /** False: containers that vanish or become unhealthy are left as they are. */
  readonly supervise?: boolean | null;
  /** What comes first when a container takes the place of another one. */
  readonly replace?: 'start-first' | 'stop-first' | null;
  /** How many of the images stay that newer ones took the names of. */
  readonly keep_images?: number | string | null;
  /** What the first container changes of these comes back to this machine. */
  readonly sync_back?: readonly SyncBack[] | null;
}

/** As in a watch rule: where something comes from, and where it goes. */
export interface SyncBack {
  /** A file or a folder of the container; absolute. */
  readonly path: string;
  /** The same on this machine; relative to the project directory. */
  readonly target: string;
}

/** What a service tells those that use it. */
export interface Provides {
  /** Its address with all that it takes to use it; `{host}` and `{port}` stand for those of the service. */
  readonly url?: string | null;
}

/** How it is found out that a service is ready: by one of the first four. */
export interface Readiness {
  /** Something listens on this port. */
  readonly tcp?: number | string;
  /** This path answers: with `status`, else with one below 400. */
  readonly http?: string;
  /** A line with this text was written since the start. */
  readonly log?: string;
  /** This command ends with 0 inside the container; text is run by its shell. */
  readonly exec?: string | readonly string[];
  /** For `http`. */
  readonly port?: number | string;
  /** For `http`. */
  readonly status?: number | string;
  /** How long it may take, as duration text; absent: a minute. */
  readonly timeout?: string;
  /** How many looks in a row may fail; absent: as many as there is time for. */
  readonly retries?: number | string;
}

export interface StackExtras {
  /** As for a service, for all of them. */
  readonly supervise?: boolean | null;
  /** As for a service, for all of them. */
  readonly discovery?: boolean | null;
  /** As for a service, for all of them. */
  readonly keep_images?: number | string | null;
  /** Where ports are published that say no address: to this machine alone, or, as if nothing were said, to all. */
  readonly publish?: 'local' | 'all' | null;
  /** How variables get a value that `.env` does not have yet, by name; false: none is asked for. */
  readonly env?: Readonly<Record<string, VariableWish | null>> | false | null;
}

/** How a variable gets its value. */
export interface VariableWish {
  readonly describe?: string | null;
  /** How many letters and digits a value has that is made up. */
  readonly generate?: number | string | null;
  /** Absent: as its name says. */
  readonly secret?: boolean | null;
}

/** How it is found out that a service is ready, without choices. */
export type ReadyCheck = {
  /** Duration text. */
  readonly timeout: string;
  readonly retries?: number;
} & (
  | { readonly by: 'tcp'; readonly port: number }
  | { readonly by: 'http'; readonly port: number; readonly path: string; readonly status?: number }
  | { readonly by: 'log'; readonly text: string }
  | { readonly by: 'exec'; readonly command: readonly string[] }
);

/** How it is found out that a service is ready, if the file says so beyond a healthcheck. */
export function readyCheckOf(service: Service): ReadyCheck | undefined {
  const { tcp, http, log, exec, port, status, timeout = '1m', retries } = extrasOf(service).ready ?? {};
  const limits = { timeout, ...(retries === undefined ? {} : { retries: Number(retries) }) };
  if (tcp !== undefined) return { by: 'tcp', port: Number(tcp), ...limits };
  if (http !== undefined) {
    const wanted = status === undefined ? {} : { status: Number(status) };
    return { by: 'http', path: http, port: Number(port), ...wanted, ...limits };
  }
  if (log !== undefined) return { by: 'log', text: log, ...limits };
  if (exec === undefined) return undefined;
  return { by: 'exec', command: typeof exec === 'string' ? ['/bin/sh', '-c', exec] : exec, ...limits };
}

/** What a service has under `x-stack`. */
export function extrasOf(service: Service): ServiceExtras {
  return mapOrNothing(service['x-stack']);
}

/** What a stack has under `x-stack` at its top. */
export function stackExtras({ extensions }: Pick<Stack, 'extensions'>): StackExtras {
  return mapOrNothing(extensions['x-stack']);
}

/** Whether containers that vanish are made anew, and those that become unhealthy are restarted, while someone looks on. */
export function supervises(stack: Pick<Stack, 'extensions'>, service: Service): boolean {
  return stackExtras(stack).supervise !== false && extrasOf(service).supervise !== false;
}

/** Who uses the key for something else is not to be disturbed. */
function mapOrNothing(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
