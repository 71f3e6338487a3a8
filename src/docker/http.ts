import type { Duplex } from 'node:stream';
import type { StringMap } from '../model/stack.ts';
import type { RegistryCredentials } from './credentials.ts';
import type { EngineWitness } from './witness.ts';

/** Plain HTTP to an engine, wherever it is: what the rest of this folder is built on. */
export interface EngineHttp {
  /**
   * Resolves with the head of the answer, whatever its status; rejects when there is none. The signal ends the
   * exchange at any time, also while `body` is read.
   */
  request(options: EngineRequest): Promise<EngineAnswer>;
  /** The version of the API that is spoken with the engine; `undefined`, or no method: that is not known. */
  apiVersion?(signal: AbortSignal): Promise<string | undefined>;
  /** How long the engine has for the whole answer to a question, in milliseconds; absent: as long as it takes. */
  readonly patience?: number;
  /** By what name or address this machine reaches the one that it is on; absent: that is not known. */
  readonly host?: string;
  /** What the user is logged in to; absent: nothing. */
  readonly credentials?: RegistryCredentials;
  /** Variables for proxies that all containers get, if they do not set them; absent: none. */
  readonly proxies?: StringMap;
  /** Who is to know what is asked and answered; absent: nobody. */
  readonly witness?: EngineWitness;
}

/** An engine that can be asked for connections that carry bytes both ways. */
export interface EngineConnection extends EngineHttp {
  /**
   * Asks the engine to give up HTTP on the connection of this request. Resolves with the connection, or with the answer
   * of an engine that does not. The signal ends the connection at any time.
   */
  upgrade(options: EngineRequest): Promise<Duplex | EngineAnswer>;
}

/** A list stands for a parameter that is there several times. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EngineRequest {
  readonly method: string;
  /** Without the version of the API. */
  readonly path: string;
  readonly query?: Query;
  /** A list stands for a header that is there several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: NodeJS.ReadableStream | Buffer;
  /** The answer may be millions of chunks, each of a few bytes. */
  readonly long?: true;
  readonly signal: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: NodeJS.ReadableStream;
}

/** The body of an answer piece by piece, and the connection it comes over, where there is one that can be left alone for a while. */
export type EngineStream = AsyncIterable<Buffer> & {
  readonly socket?: { pause(): unknown; resume(): unknown };
  /** All of it has come: the connection may carry another answer. */
  readonly complete?: boolean;
};

/** The parameters as they stand behind the `?` of a URL. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value = []] of Object.entries(query)) {
    for (const one of [value].flat()) parameters.append(name, one);
  }
  return parameters.toString();
}
