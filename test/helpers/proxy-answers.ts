import type { Socket } from 'node:net';

/** Hands the engine's answer to one request to the client, in whatever way. */
export interface Answering {
  /** False: the connection breaks now. */
  take(chunk: Buffer): boolean;
  /** The engine has closed the connection. */
  end(): void;
}

/** Answers that the engine never gave, by what is wrong. */
export const refusals: ReadonlyMap<string, string> = new Map(
  [
    ['500', 'Internal Server Error', 'the test wants it to fail'],
    ['409', 'Conflict', 'the test wants it to conflict'],
    ['404', 'Not Found', 'the test wants it not to be there'],
  ].map(([status = '', words, message]) => [
    status,
    withBody(`HTTP/1.1 ${status} ${words}`, JSON.stringify({ message })),
  ]),
);

const noJson = withBody('HTTP/1.1 200 OK', '{"Id":"0123","Names":[');

export function answering(client: Socket, fault?: string): Answering {
  switch (fault) {
    case 'reset after':
      return { take: () => false, end: () => client.end() };
    case 'half an answer':
      return halfOf(client);
    case 'malformed':
      return insteadOf(client, noJson);
    case 'twice':
      return twiceTo(client);
    case 'trickle':
      return trickleTo(client);
    case '404':
    case '409':
      return insteadOf(client, refusals.get(fault) ?? '');
    default:
      return {
        take: (chunk) => {
          if (client.writable) client.write(chunk);
          return true;
        },
        end: () => client.end(),
      };
  }
}

function insteadOf(client: Socket, answer: string): Answering {
  return {
    take: () => {
      if (client.writable) client.end(answer);
      return true;
    },
    end: () => {},
  };
}

function withBody(head: string, body: string): string {
  return `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

/** The head, and half of what comes of the body; half of a head that has no body. */
function halfOf(client: Socket): Answering {
  let kept: Buffer = Buffer.alloc(0);
  let isHeadSent = false;
  return {
    take(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (!isHeadSent) {
        const length = kept.indexOf('\r\n\r\n') + 4;
        if (length < 4) return true;
        const head = kept.subarray(0, length);
        const isAlone = /^HTTP\/1\.1 (?:204|304)|^content-length: *0/im.test(head.toString('latin1'));
        client.write(isAlone ? head.subarray(0, length >> 1) : head);
        if (isAlone) return false;
        isHeadSent = true;
        kept = kept.subarray(length);
      }
      if (kept.length === 0) return true;
      client.write(kept.subarray(0, kept.length >> 1));
      return false;
    },
    end: () => client.end(),
  };
}

/** Each part of the body twice: engines send no part of an event. */
function twiceTo(client: Socket): Answering {
  let kept: Buffer | undefined = Buffer.alloc(0);
  return {
    take(chunk) {
      let body = chunk;
      if (kept !== undefined) {
        kept = Buffer.concat([kept, chunk]);
        const length = kept.indexOf('\r\n\r\n') + 4;
        if (length < 4) return true;
        client.write(kept.subarray(0, length));
        body = kept.subarray(length);
        kept = undefined;
      }
      if (client.writable) client.write(Buffer.concat([body, body]));
      return true;
    },
    end: () => client.end(),
  };
}

/** In how many pieces each part of an answer comes, and how many milliseconds lie between two. */
const pieces = 20;
const pause = 10;

function trickleTo(client: Socket): Answering {
  let before: Promise<void> = Promise.resolve();
  const write = async (chunk: Buffer): Promise<void> => {
    const size = Math.ceil(chunk.length / pieces);
    for (let at = 0; at < chunk.length && client.writable; at += size) {
      client.write(chunk.subarray(at, at + size));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  return {
    take(chunk) {
      before = before.then(() => write(chunk));
      return true;
    },
    end: () => void before.then(() => client.end()),
  };
}
