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

/** Also resolves when no one takes any more. */
export function drained(sink: {
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}): Promise<void> {
  return new Promise((resolve) => {
    const proceed = (): void => {
      sink.off('drain', proceed);
      sink.off('close', proceed);
      resolve();
    };
    sink.on('drain', proceed);
    sink.on('close', proceed);
  });
}
