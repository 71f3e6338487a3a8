/** What takes bytes piece by piece, of either kind of stream. */
export interface Sink {
  write(piece: Uint8Array): boolean;
  on(event: 'drain' | 'close', listener: () => void): Sink;
  off(event: 'drain' | 'close', listener: () => void): Sink;
  readonly destroying: boolean;
}

/** Writes all of it, no faster than it is taken; ends early when no one takes any more. The sink is not ended. */
export async function feed(sink: Sink, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of content) {
    if (sink.destroying) return;
    if (!sink.write(piece)) await drained(sink);
  }
}

interface Drain {
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/** By sink what those wait for who write to it: one listener for all, as Node takes many for a leak. */
const draining = new WeakMap<Drain, Promise<void>>();

/** Also resolves when no one takes any more. */
export function drained(sink: Drain): Promise<void> {
  const waiting = draining.get(sink);
  if (waiting !== undefined) return waiting;
  const drain = new Promise<void>((resolve) => {
    const proceed = (): void => {
      draining.delete(sink);
      sink.off('drain', proceed);
      sink.off('close', proceed);
      resolve();
    };
    sink.on('drain', proceed);
    sink.on('close', proceed);
  });
  draining.set(sink, drain);
  return drain;
}
