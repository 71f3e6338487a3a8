import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { type Answering, answering, refusals } from './proxy-answers.ts';
import { createRequestReader } from './proxy-requests.ts';

/** What can happen to one call on its way to the engine and back. */
export const callFaults = [
  /** The engine is away for a moment, and nothing listens. */
  'refused',
  /** The connection breaks before the engine has read the call. */
  'reset before',
  /** The engine does it, and the connection breaks before it has answered. */
  'reset after',
  '500',
  /** Of what is to be made: someone else has made it just now. */
  '409',
  /** Of what is to be removed: someone else has removed it just now. */
  '404',
  /** Nothing ever comes. */
  'hang',
  /** The connection breaks in the middle of the answer. */
  'half an answer',
  /** The answer is no JSON. */
  'malformed',
  /** The answer comes in small pieces, slowly. */
  'trickle',
  /** What comes in a stream of events comes twice. */
  'twice',
] as const;

export type CallFault = (typeof callFaults)[number];

export interface EngineProxy {
  /** `DOCKER_HOST` of whoever is to go through the proxy. */
  readonly host: string;
  /** From the first request that matches on, nothing gets through any more: the engine has gone. */
  cutAt(request: RegExp): void;
  /** The answer to the first request that matches never comes: the engine does it, and the connection breaks. */
  loseAnswer(request: RegExp): void;
  /** Once: something goes wrong with the `nth` request from now on that matches, the first being 1. */
  spoil(matches: (request: string) => boolean, nth: number, fault: CallFault): void;
  /** Whether what was to go wrong has. */
  isSpoiled(): boolean;
  /** Resolves once what is to go wrong does. */
  spoiled(): Promise<void>;
  /** Is called once when the `nth` request from now on comes in, before the engine gets it. */
  at(nth: number, act: () => void): void;
  /** Nothing gets through from now on. */
  cut(): void;
  /** The engine is back. */
  restore(): void;
  /** What was asked for so far: `GET /path?query`. */
  requests(): readonly string[];
  /** Resolves once an engine that was away for a moment is back. */
  isBack(): Promise<void>;
  /** Resolves once no connection is open: true, or false if some still are after a while. */
  isQuiet(): Promise<boolean>;
  close(): Promise<void>;
}

/** How long an engine is away that refuses connections for a moment, in milliseconds. */
const moment = 300;

/** How long the end of a connection may take after that of its process, in milliseconds. */
const longestEnd = 30_000;

interface Spoiling {
  readonly matches: (request: string) => boolean;
  readonly fault: CallFault;
  /** How many that match are let through before. */
  left: number;
}

/** Whether what is asked for is there already in the end when the engine refuses it so. */
function isDoneBefore(request: string, fault: CallFault | undefined): boolean {
  return (
    (fault === '409' && /^POST \S*\/create\b/.test(request)) ||
    (fault === '404' && request.startsWith('DELETE '))
  );
}

/** Stands between a client and the real engine, to be able to take the engine away, or to lie in its name. */
export async function openEngineProxy(): Promise<EngineProxy> {
  const { url } = await resolveEndpoint(process.env);
  const upstream = url.startsWith('unix://')
    ? { path: url.slice('unix://'.length) }
    : { host: new URL(url).hostname, port: Number(new URL(url).port) };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const socket = path.join(folder, 'engine.sock');
  const open = new Set<Socket>();
  const requests: string[] = [];
  const waiting: (() => void)[] = [];
  const awaiting: (() => void)[] = [];
  const quiet = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  let cutting: RegExp | undefined;
  let spoiling: Spoiling | undefined;
  let acting: { left: number; readonly act: () => void } | undefined;
  let gone = false;
  let absence: NodeJS.Timeout | undefined;
  let present = Promise.resolve();
  let server: Server | undefined;

  const cutNow = (): void => {
    gone = true;
    for (const end of open) end.destroy();
  };

  const listen = async (): Promise<void> => {
    // Listened on under another name, the socket stays when nobody listens any more: as that of an engine that has died.
    // Who says no more still wants to hear the rest.
    const made = createServer({ allowHalfOpen: true }, serve);
    server = made;
    await new Promise<void>((resolve) => made.listen(`${socket}.new`, resolve));
    renameSync(`${socket}.new`, socket);
  };

  const leave = (): void => {
    server?.close();
    present = new Promise((resolve) => {
      absence = setTimeout(() => resolve(listen()), moment);
    });
  };

  const faultOf = (request: string): CallFault | undefined => {
    if (spoiling === undefined || !spoiling.matches(request)) return undefined;
    spoiling.left -= 1;
    if (spoiling.left > 0) return undefined;
    const { fault } = spoiling;
    spoiling = undefined;
    for (const tell of awaiting.splice(0)) tell();
    return fault;
  };

  const serve = (client: Socket): void => {
    if (gone) {
      client.destroy();
      return;
    }
    const engine = connect({ ...upstream, allowHalfOpen: true });
    for (const end of [client, engine]) {
      open.add(end);
      end.on('close', () => {
        open.delete(end);
        if (open.size === 0) for (const tell of waiting.splice(0)) tell();
      });
      // Ends that break are what this is for.
      end.on('error', () => {});
    }
    let answer: Answering = answering(client);
    const destroy = (): void => {
      client.destroy();
      engine.destroy();
    };
    const reader = createRequestReader((request) => {
      if (cutting?.test(request) === true) {
        cutNow();
        return false;
      }
      requests.push(request);
      if (acting !== undefined) {
        acting.left -= 1;
        const { act } = acting;
        if (acting.left === 0) {
          acting = undefined;
          act();
        }
      }
      const fault = faultOf(request);
      answer = answering(client, fault);
      const isDone = isDoneBefore(request, fault);
      const refusal = isDone ? undefined : refusals.get(fault ?? '');
      if (refusal !== undefined) {
        client.end(refusal);
        engine.destroy();
      } else if (fault === 'refused') {
        leave();
        destroy();
      } else if (fault === 'reset before') destroy();
      return refusal === undefined && fault !== 'refused' && fault !== 'reset before' && fault !== 'hang';
    });
    client.on('data', (chunk) => {
      const passed = reader.read(chunk);
      if (passed !== undefined && passed.length > 0) engine.write(passed);
    });
    client.on('end', () => engine.end());
    engine.on('data', (chunk) => {
      if (!answer.take(chunk)) destroy();
      else if (client.writableNeedDrain) {
        engine.pause();
        client.once('drain', () => engine.resume());
      }
    });
    engine.on('end', () => answer.end());
    client.on('close', () => engine.destroy());
    engine.on('close', () => answer.end());
  };

  await listen();
  return {
    host: `unix://${socket}`,
    cutAt(request) {
      cutting = request;
    },
    loseAnswer(request) {
      spoiling = { matches: (asked) => request.test(asked), left: 1, fault: 'reset after' };
    },
    spoil(matches, nth, fault) {
      spoiling = { matches, left: nth, fault };
    },
    isSpoiled: () => spoiling === undefined,
    spoiled: () => new Promise((resolve) => (spoiling === undefined ? resolve() : awaiting.push(resolve))),
    at(nth, act) {
      acting = { left: nth, act };
    },
    cut: cutNow,
    requests: () => requests,
    isBack: () => present,
    async isQuiet() {
      if (open.size > 0)
        await Promise.race([quiet(), new Promise((resolve) => setTimeout(resolve, longestEnd))]);
      return open.size === 0;
    },
    restore() {
      cutting = undefined;
      gone = false;
    },
    async close() {
      clearTimeout(absence);
      for (const end of open) end.destroy();
      await new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
