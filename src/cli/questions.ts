import { addAbortSignal } from 'node:stream';

/** Someone who is asked; no answer is a no. */
export interface Questions {
  ask(question: string): Promise<boolean>;
  /** Nothing more is asked: the process need not wait for what may still be typed. */
  end(): void;
}

/** Asks on a stream and reads the answers from standard input, a line each. */
export function questionsOn(stream: NodeJS.WritableStream, signal: AbortSignal): Questions {
  let read = '';
  let chunks: AsyncIterator<unknown> | undefined;
  const nextLine = async (): Promise<string> => {
    if (chunks === undefined) {
      addAbortSignal(signal, process.stdin);
      chunks = process.stdin[Symbol.asyncIterator]();
    }
    while (!read.includes('\n')) {
      const { done, value } = await chunks.next();
      if (done === true) break;
      read += String(value);
    }
    const [line = '', ...rest] = read.split('\n');
    read = rest.join('\n');
    return line;
  };
  return {
    async ask(question) {
      stream.write(question);
      try {
        return /^(y|yes|t|true|1)$/i.test((await nextLine()).trim());
      } catch (error) {
        if (!signal.aborted) throw error;
        return false;
      }
    },
    end() {
      if (chunks !== undefined) process.stdin.destroy();
    },
  };
}
