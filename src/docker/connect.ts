import type { Readable } from 'node:stream';
import { isOlder } from '../model/versions.ts';
import { addressOf } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { noteEngine } from './heard.ts';
import type { EngineAnswer, EngineConnection, EngineHttp, EngineRequest } from './http.ts';
import type { Modem } from './modem.ts';
import { askPlainly, isPlain } from './plain.ts';
import { EngineSilent, EngineTooOld } from './unreachable.ts';
import { within } from './within.ts';

/** How long an engine has for an answer, in milliseconds, where the user has not said otherwise. */
const usualPatience = 60_000;

/**
 * The engine at an endpoint, over dockerode's connection layer, which is loaded when it is first needed: a question to a socket of
 * this machine, or one with an answer of millions of chunks, takes less time without it. Nothing is sent yet.
 */
export function connectEngine(
  endpoint: Endpoint,
  patience = endpoint.patience ?? usualPatience,
): EngineConnection {
  const address = addressOf(endpoint);
  let opened: Promise<Modem> | undefined;
  const modem = (): Promise<Modem> => {
    opened ??= import('./modem.ts').then(({ openModem }) => openModem(endpoint));
    return opened;
  };
  const withHeaders = (request: EngineRequest): EngineRequest =>
    endpoint.headers === undefined
      ? request
      : { ...request, headers: { ...endpoint.headers, ...request.headers } };
  const { versioned, ...spoken } = inKnownVersion(
    limited(async (given) => {
      const request = withHeaders(given);
      const isWorthIt = request.long === true || address?.socketPath !== undefined;
      return isWorthIt && isPlain(address, request)
        ? askPlainly(address, request)
        : (await modem()).request(request);
    }, patience / 4),
    endpoint.apiVersion,
  );
  return {
    ...spoken,
    patience,
    upgrade: (request) =>
      within(patience, `${request.method} ${request.path}`, request.signal, async (signal) =>
        (await modem()).upgrade(withHeaders(await versioned({ ...request, signal }))),
      ),
    ...hostOf(endpoint),
    ...(endpoint.credentials === undefined ? {} : { credentials: endpoint.credentials }),
    ...(endpoint.proxies === undefined ? {} : { proxies: endpoint.proxies }),
  };
}

function hostOf(endpoint: Endpoint): { readonly host?: string } {
  const { socketPath, host } = addressOf(endpoint) ?? {};
  if (socketPath !== undefined) return { host: '127.0.0.1' };
  return host === undefined ? {} : { host };
}

type Send = (request: EngineRequest) => Promise<EngineAnswer & { readonly body: Readable }>;

/**
 * Gives up on an engine that accepts connections and says nothing: when an answer does not come within so many
 * milliseconds, nor, within as many again, one to whether it is there. One that is only slow says that it is.
 */
function limited(send: Send, milliseconds: number): Send {
  const isThere = async (): Promise<boolean> => {
    const ping = { method: 'GET', path: '/_ping', signal: AbortSignal.timeout(milliseconds) };
    try {
      (await send(ping)).body.resume();
      return true;
    } catch {
      return false; // whatever the reason
    }
  };
  return async (request) => {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const watch = (): void => {
      timer = setTimeout(async () => {
        const isSilent = !(await isThere());
        if (timer === undefined) return;
        if (isSilent) late.abort();
        else watch();
      }, milliseconds);
    };
    watch();
    try {
      return await send({ ...request, signal: AbortSignal.any([request.signal, late.signal]) });
    } catch (error) {
      throw late.signal.aborted ? new EngineSilent((2 * milliseconds) / 1000) : error;
    } finally {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

/** The newest version of the API whose answers are known here, and the oldest that is spoken: that of Docker 19.03. */
const newestKnown = '1.51';
const oldestKnown = '1.40';

/**
 * Makes an engine that is newer than what is known here answer as the newest version that is. Every answer tells the
 * engine's version, so that is learnt without a question: asking first would delay every command. Until it is
 * known a GET is sent as it is, and once more if the engine turns out to be newer; what may change something is sent
 * once, and only then asked before. A version that the user has chosen is spoken without asking.
 */
function inKnownVersion(
  send: Send,
  chosen: string | undefined,
): Pick<EngineHttp, 'request' | 'apiVersion'> & {
  /** A request that is not to be sent twice, as it has to be sent. */
  versioned(request: EngineRequest): Promise<EngineRequest>;
} {
  const inVersion = (version: string, request: EngineRequest) => ({
    ...request,
    path: `/v${version}${request.path}`,
  });
  let heard = false;
  let version: string | undefined;
  const sendAndLearn: Send = async (request) => {
    const answer = await send(request);
    heard = true;
    noteEngine(answer.headers);
    const told = answer.headers['api-version'];
    if (typeof told === 'string' && /^\d+\.\d+$/.test(told)) version = told;
    if (version !== undefined && isOlder(version, oldestKnown)) {
      answer.body.destroy();
      throw new EngineTooOld(version, oldestKnown);
    }
    return answer;
  };
  const ask = async (signal: AbortSignal): Promise<void> => {
    const answer = await sendAndLearn({ method: 'GET', path: '/_ping', signal });
    answer.body.resume();
  };
  const isNewer = (): boolean => version !== undefined && isOlder(newestKnown, version);
  const inKnown = (request: EngineRequest) => inVersion(newestKnown, request);
  if (chosen !== undefined)
    return {
      request: async (request) => {
        if (!heard && request.method !== 'GET') await ask(request.signal);
        return sendAndLearn(inVersion(chosen, request));
      },
      versioned: async (request) => inVersion(chosen, request),
      apiVersion: async () => chosen,
    };

  return {
    async request(request) {
      const repeatable = request.method === 'GET';
      if (!heard && !repeatable) await ask(request.signal);
      if (isNewer()) return sendAndLearn(inKnown(request));
      const answer = await sendAndLearn(request);
      if (!isNewer() || !repeatable) return answer;
      answer.body.destroy();
      return sendAndLearn(inKnown(request));
    },
    async versioned(request) {
      if (!heard) await ask(request.signal);
      return isNewer() ? inKnown(request) : request;
    },
    async apiVersion(signal) {
      if (!heard) await ask(signal);
      return isNewer() ? newestKnown : version;
    },
  };
}
