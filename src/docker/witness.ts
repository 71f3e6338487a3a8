import type { PublishedPort } from '../model/observed.ts';
import type { PortAnswer } from '../model/runtime.ts';
import { addressOf } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import type { EngineConnection } from './http.ts';

/** A question to an engine and its answer, whole. */
export interface Heard {
  /** The path with its parameters, without the version of the API. */
  readonly question: string;
  readonly status: number;
  /** The version of the API that is spoken with the engine. */
  readonly version: string | undefined;
  readonly text: string;
}

/** Sees all that passes between a command and an engine, to know whether the same would pass once more. */
export interface EngineWitness {
  /** Something is asked; `hears` follows with the answer, if it is one that is read as a whole. */
  asks(): void;
  hears(heard: Heard): void;
  /** A published port was asked, on the machine of the engine. */
  reaches(port: PublishedPort, answer: PortAnswer | undefined): void;
  /** More than an answer is wanted of the engine, or it is not at a socket that anyone can ask in the same way. */
  acts(): void;
  /** The socket at which the engine is. */
  meets(socketPath: string): void;
}

/** The engine at an endpoint, with a witness of what passes. */
export function witnessed(
  engine: EngineConnection,
  endpoint: Endpoint,
  witness: EngineWitness | undefined,
): EngineConnection {
  if (witness === undefined) return engine;
  const socketPath = addressOf(endpoint)?.socketPath;
  if (socketPath === undefined || endpoint.headers !== undefined) witness.acts();
  else witness.meets(socketPath);
  return {
    ...engine,
    witness,
    request(request) {
      if (request.method !== 'GET') witness.acts();
      // What happens meanwhile is told there; a command during which nothing does is the same without.
      else if (request.path !== '/events') witness.asks();
      return engine.request(request);
    },
    upgrade(request) {
      witness.acts();
      return engine.upgrade(request);
    },
  };
}
