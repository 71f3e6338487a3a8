/** Plain HTTP to an engine, wherever it is: what the rest of this folder is built on. */
export interface EngineHttp {
  /**
   * Resolves with the head of the answer, whatever its status; rejects when there is none. The signal ends the
   * exchange at any time, also while `body` is read.
   */
  request(options: EngineRequest): Promise<EngineAnswer>;
}

export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: NodeJS.ReadableStream | Buffer;
  readonly signal: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: NodeJS.ReadableStream;
}
