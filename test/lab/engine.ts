import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { pingEndpoint } from '../../src/docker/sockets.ts';
import { findCompose } from './compose.ts';
import { dockerHost } from './dockerd.ts';
import { Interruption } from './main.ts';
import { acquirePrivateEngine } from './private.ts';
import type { Say } from './say.ts';
import { which } from './shell.ts';
import type { Tools } from './tools.ts';

/** An engine that answers. */
export interface LabEngine {
  /** The value for DOCKER_HOST. */
  readonly host: string;
  /** Whether it was started for this, so that it has no objects but ours. */
  readonly private: boolean;
  /** The real Docker Compose, runnable by itself, if there is one. */
  readonly compose?: string;
  /** Where the engine came with a `docker` of its own: that. */
  readonly docker?: string;
  /** What a program needs in its environment to use this engine. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Does something with an engine: the one that this machine has, else a private one, which ends with its last user.
 * Ctrl-C does not end this process meanwhile: what runs in the foreground gets it too, ends, and all is put in order.
 */
export async function withEngine<T>(use: (engine: LabEngine) => Promise<T>, say: Say): Promise<T> {
  return unbroken(async (interruption) => {
    const found = await findEngine(say);
    if (found !== undefined) return use(found);
    const { tools, release } = await acquirePrivateEngine(say, interruption);
    try {
      interruption.throwIfAborted();
      return await use(privateEngine(tools));
    } finally {
      await release();
    }
  });
}

/** Lets something come to its own end: a signal to end is only told to it. */
export async function unbroken<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Interruption());
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted(); // what failed, failed of this
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** The private engine as it is for those who use it. */
export function privateEngine(tools: Tools): LabEngine {
  const { env, ...engine } = describe(dockerHost, tools.compose, true);
  const docker = which('docker', tools.path);
  return {
    ...engine,
    ...(docker === undefined ? {} : { docker }),
    env: { ...env, DOCKER_CONFIG: tools.dockerConfig },
  };
}

function describe(host: string, compose: string | undefined, isPrivate: boolean): LabEngine {
  const env = { DOCKER_HOST: host, ...(compose === undefined ? {} : { STACK_LAB_COMPOSE: compose }) };
  return { host, private: isPrivate, ...(compose === undefined ? {} : { compose }), env };
}

async function findEngine(say: Say): Promise<LabEngine | undefined> {
  const endpoint = await resolveEndpoint(process.env);
  if (!(await pingEndpoint(endpoint, 2000))) {
    if (endpoint.from !== 'default socket')
      say(`The engine at ${endpoint.url} (${endpoint.from}) does not answer.`);
    return undefined;
  }
  return describe(endpoint.url, await findCompose(), false);
}
