/** Someone who is asked; no answer is a no. */
export interface Questions {
  ask(question: string): Promise<boolean>;
  /** Nothing more is asked: what else is typed is for others, and the process need not wait for it. */
  end(): void;
}

/** Asks on a stream and reads the answers from standard input, a line each. */
export function questionsOn(stream: NodeJS.WritableStream, signal: AbortSignal): Questions {
  let read = '';
  let chunks: AsyncIterator<unknown> | undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  const nextLine = async (): Promise<string> => {
    chunks ??= process.stdin.iterator({ destroyOnReturn: false });
    while (!read.includes('\n')) {
      const next = await Promise.race([chunks.next(), aborted]);
      if (next === 'aborted') return '';
      if (next.done === true) break;
      read += String(next.value);
    }
    const [line = '', ...rest] = read.split('\n');
    read = rest.join('\n');
    return line;
  };
  return {
    async ask(question) {
      stream.write(question);
      return /^(y|yes|t|true|1)$/i.test((await nextLine()).trim());
    },
    end() {
      if (chunks === undefined) return;
      const { stdin } = process;
      void chunks.return?.();
      if (read !== '' && !stdin.readableEnded) stdin.unshift(read);
      stdin.pause();
      stdin.unref?.();
    },
  };
}
