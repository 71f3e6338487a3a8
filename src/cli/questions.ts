import { StringDecoder } from 'node:string_decoder';

/** Someone who is asked; no answer is a no. */
export interface Questions {
  ask(question: string): Promise<boolean>;
  /** The line that is typed, without its end; undefined if nobody answers. What is hidden does not appear on a terminal. */
  askFor(question: string, hidden?: 'hidden'): Promise<string | undefined>;
  /** Nothing more is asked: what else is typed is for others, and the process need not wait for it. */
  end(): void;
}

/** Asks on a stream and reads the answers from standard input, a line each. */
export function questionsOn(stream: NodeJS.WritableStream, signal: AbortSignal): Questions {
  const decoder = new StringDecoder('utf8');
  let read = '';
  let chunks: AsyncIterator<unknown> | undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  /** True if there is more to read. */
  const readMore = async (): Promise<boolean> => {
    chunks ??= process.stdin.iterator({ destroyOnReturn: false });
    // A screen that is gone has let go of it; the process is to wait for an answer.
    process.stdin.ref?.();
    const next = await Promise.race([chunks.next(), aborted]);
    if (next === 'aborted' || next.done === true) return false;
    read += typeof next.value === 'string' ? next.value : decoder.write(next.value as Buffer);
    return true;
  };
  const nextLine = async (): Promise<string | undefined> => {
    while (!read.includes('\n')) if (!(await readMore())) break;
    if (signal.aborted || read === '') return undefined;
    const [line = '', ...rest] = read.split('\n');
    read = rest.join('\n');
    return line;
  };
  /** What a terminal does with a line while it is typed is done here, as it is not to show it. */
  const hiddenLine = async (question: string): Promise<string | undefined> => {
    let line = '';
    // Before anyone can know that something is to be typed.
    process.stdin.setRawMode(true);
    try {
      stream.write(question);
      for (;;) {
        while (read === '') if (!(await readMore())) return undefined;
        const [key = ''] = read;
        read = read.slice(key.length);
        if (key === '\r' || key === '\n') return line;
        if (key === '\u0003') process.kill(process.pid, 'SIGINT');
        else if (key === '\u0004' && line === '') return undefined;
        else if (key === '\u007f' || key === '\b') line = [...line].slice(0, -1).join('');
        else if (key === '\u0015') line = '';
        else if (key >= ' ') line += key;
      }
    } finally {
      process.stdin.setRawMode(false);
      stream.write('\n');
    }
  };
  const askFor: Questions['askFor'] = async (question, hidden) => {
    if (hidden !== undefined && process.stdin.isTTY === true) return hiddenLine(question);
    stream.write(question);
    return nextLine();
  };
  return {
    askFor,
    ask: async (question) => /^(y|yes|t|true|1)$/i.test(((await askFor(question)) ?? '').trim()),
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
