import type { Duplex } from 'node:stream';
import type { OpenStreams, UserStreams } from '../../model/streams.ts';
import { createSplit } from './demux.ts';
import { createDetachFilter } from './detach.ts';
import { shieldReads } from './shield.ts';

export interface Conversation {
  /** The connection carries what a terminal does, keys one way and the screen the other. */
  readonly tty: boolean;
  readonly detachKeys: Buffer;
  readonly streams: UserStreams;
  readonly opened: OpenStreams;
}

/**
 * Carries bytes between a user and a process until the process has nothing more to say, or the user leaves it. The end
 * of the input reaches the process and does not end the conversation. Neither side is read faster than the other takes
 * it.
 */
export async function converse(
  connection: Duplex,
  { tty, detachKeys, streams, opened }: Conversation,
): Promise<'ended' | 'detached'> {
  let detached = false;
  let inputIsTaken = true;
  const stopInput = carryInput(opened.input, connection, tty ? detachKeys : undefined, () => {
    detached = true;
    connection.destroy();
  });
  shieldReads(connection, () => {
    inputIsTaken = false;
    stopInput();
  });
  const split = createSplit(tty);
  try {
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      for (const { stream, bytes } of split(chunk)) await streams.write(stream, bytes);
    }
    split(undefined);
  } catch (error) {
    // What was left unread of the input makes some engines' end of the connection a hard one.
    const isEnd = !inputIsTaken && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (!detached && !isEnd) throw error;
  } finally {
    stopInput();
  }
  return detached ? 'detached' : 'ended';
}

/** Gives the function that ends it. */
function carryInput(
  input: NodeJS.ReadableStream | undefined,
  connection: Duplex,
  detachKeys: Buffer | undefined,
  detach: () => void,
): () => void {
  if (input === undefined) {
    connection.end();
    return () => {};
  }
  const filter = detachKeys === undefined ? undefined : createDetachFilter(detachKeys);
  const proceed = (): void => {
    input.resume();
  };
  const pass = (chunk: Buffer | string): void => {
    // A screen that was there before may have it decoded.
    const given = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const bytes = filter === undefined ? given : filter.pass(given);
    if (bytes === undefined) {
      stop();
      detach();
    } else if (!connection.write(bytes)) {
      input.pause();
      connection.once('drain', proceed);
    }
  };
  const end = (): void => {
    connection.end();
  };
  const stop = (): void => {
    input.off('data', pass).off('end', end).off('error', end);
    connection.off('drain', proceed);
    input.pause();
  };
  input.on('data', pass).on('end', end).on('error', end);
  // Whoever read it before may have paused it.
  input.resume();
  return stop;
}
