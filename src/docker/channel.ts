/** Values from several senders, taken one by one by a single reader. */
export interface Channel<T> {
  /**
   * Resolves when the reader is done with the value, or has left: a sender that waits for it cannot run ahead of the
   * reader.
   */
  send(value: T): Promise<void>;
  /** The reader gets what was sent so far, then ends. */
  end(): void;
  /** The reader gets what was sent so far, then the error. */
  fail(error: unknown): void;
  readonly values: AsyncGenerator<T>;
}

export function createChannel<T>(): Channel<T> {
  const waiting: { value: T; taken: () => void }[] = [];
  let over: { error?: unknown } | undefined;
  let wake: (() => void) | undefined;

  const finish = (how: { error?: unknown }): void => {
    over ??= how;
    wake?.();
  };

  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) {
          try {
            yield next.value;
          } finally {
            next.taken();
          }
        } else if (over !== undefined) {
          if ('error' in over) throw over.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    } finally {
      over ??= {};
      for (const { taken } of waiting.splice(0)) taken();
    }
  }

  return {
    send(value) {
      if (over !== undefined) return Promise.resolve();
      return new Promise((taken) => {
        waiting.push({ value, taken });
        wake?.();
      });
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    values: read(),
  };
}
