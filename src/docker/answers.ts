import http from 'node:http';
import https from 'node:https';
import type { PublishedPort } from '../model/observed.ts';
import { browserScheme } from '../model/ports.ts';
import type { PortAnswer } from '../model/runtime.ts';
import { connects } from './connects.ts';
import type { EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';
import { publishedHost } from './ways.ts';

const silent: PortAnswer = { answers: false };
const listens: PortAnswer = { answers: true };

/** How long what is published keeps a connection open behind which nobody listens, in milliseconds. */
const relayDelay = 100;

const firstPause = 40;
const longestPause = 500;

/**
 * Asks a published port of an engine until it answers, or the signal is aborted. Undefined: it is not known how this
 * machine reaches the one of the engine.
 */
export async function askPort(
  { host }: Pick<EngineHttp, 'host'>,
  port: PublishedPort,
  signal: AbortSignal,
): Promise<PortAnswer | undefined> {
  if (host === undefined) return undefined;
  let pause = firstPause;
  while (!signal.aborted) {
    const answer = await askOnce(host, port, signal);
    if (answer.answers) return answer;
    await sleep(pause, signal);
    pause = Math.min(pause * 1.5, longestPause);
  }
  return silent;
}

function askOnce(host: string, port: PublishedPort, signal: AbortSignal): Promise<PortAnswer> {
  const target = { host: publishedHost(host, port.hostIp), port: port.hostPort };
  const scheme = browserScheme(port.containerPort);
  return scheme === undefined ? connect(target, signal) : request(scheme, target, signal);
}

interface Target {
  readonly host: string;
  readonly port: number;
}

async function connect(target: Target, signal: AbortSignal): Promise<PortAnswer> {
  return (await connects(target, relayDelay, signal)) ? listens : silent;
}

function request(scheme: 'http' | 'https', target: Target, signal: AbortSignal): Promise<PortAnswer> {
  return new Promise((resolve) => {
    let connectedAt = Number.POSITIVE_INFINITY;
    const headers = { 'user-agent': 'stack', connection: 'close' };
    const options = { ...target, path: '/', agent: false, headers, signal } as const;
    const heard = (response: http.IncomingMessage): void => {
      response.destroy();
      const { statusCode: status = 0, statusMessage } = response;
      resolve({ answers: true, status, said: statusMessage || http.STATUS_CODES[status] || '' });
    };
    const asked =
      scheme === 'https'
        ? // Who it is does not matter: nothing is sent, and nothing is read.
          https.get({ ...options, rejectUnauthorized: false }, heard)
        : http.get(options, heard);
    asked.on('socket', (socket) => socket.on('connect', () => (connectedAt = performance.now())));
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // It speaks otherwise, or takes its time.
      const isOther = error.code?.startsWith('HPE_') === true;
      const isSlow = signal.aborted && performance.now() - connectedAt >= relayDelay;
      resolve(isOther || isSlow ? listens : silent);
    });
  });
}
