/** Reads what a client sends on one connection, so far as to know where each request begins. */
export interface RequestReader {
  /** What of a chunk goes on to the engine; undefined: nothing more does, of this chunk and of all that follow. */
  read(chunk: Buffer): Buffer | undefined;
}

/**
 * `begins` is called with each request, `GET /path?query`, as soon as its head is there, and says whether it goes on to
 * the engine. What follows a request for another protocol is passed on as it is.
 */
export function createRequestReader(begins: (request: string) => boolean): RequestReader {
  let state: 'head' | 'body' | 'chunks' | 'raw' | 'closed' = 'head';
  let kept: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come. */
  let left = 0;

  /** Takes one part of what is kept: a head, a piece of a body. Undefined: more has to come first. */
  const take = (): Buffer | undefined => {
    if (state === 'raw') return cut(kept.length);
    if (state === 'body') {
      const part = cut(Math.min(left, kept.length));
      left -= part?.length ?? 0;
      if (left === 0) state = 'head';
      return part;
    }
    const end = kept.indexOf(state === 'head' ? '\r\n\r\n' : '\r\n');
    if (end < 0) return undefined;
    return state === 'head' ? takeHead(end + 4) : takeChunk(end + 2);
  };

  const takeHead = (length: number): Buffer | undefined => {
    const head = cut(length);
    const text = head?.toString('latin1') ?? '';
    const [request = ''] = text.split(' HTTP/1.1\r\n', 1);
    if (!begins(request)) {
      state = 'closed';
      return undefined;
    }
    left = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    if (/^upgrade:/im.test(text)) state = 'raw';
    else if (/^transfer-encoding: *chunked/im.test(text)) state = 'chunks';
    else if (left > 0) state = 'body';
    return head;
  };

  /** A chunk with its size before it and the end of the line after it. */
  const takeChunk = (start: number): Buffer | undefined => {
    const size = Number.parseInt(kept.toString('latin1', 0, start), 16);
    const length = start + size + 2;
    if (kept.length < length) return undefined;
    if (size === 0) state = 'head';
    return cut(length);
  };

  const cut = (length: number): Buffer | undefined => {
    const part = kept.subarray(0, length);
    kept = kept.subarray(length);
    return part;
  };

  return {
    read(chunk) {
      if (state === 'closed') return undefined;
      kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const passed: Buffer[] = [];
      while (kept.length > 0) {
        const part = take();
        if (part === undefined) break;
        passed.push(part);
      }
      return Buffer.concat(passed);
    },
  };
}
