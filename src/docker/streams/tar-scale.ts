/** What a tar has that comes piece by piece. */
export interface TarScale {
  add(chunk: Buffer): void;
  /** How many entries have begun so far. */
  entries(): number;
  /** Bytes of files, and of what links are to point to: what engines count of a volume. */
  content(): number;
}

const block = 512;

/** Reads no more than the heads of entries: what files say is passed over. */
export function createTarScale(): TarScale {
  let entries = 0;
  let content = 0;
  let head: Buffer = Buffer.alloc(0);
  /** Bytes that are still to come until the next head. */
  let left = 0;
  /** What is said of the next entry beside its head, and how much of it is no padding. */
  let more: { readonly length: number; text: Buffer } | undefined;
  let said = '';

  const begin = (): void => {
    const kind = head.toString('latin1', 156, 157);
    const size = Number(/(?:^|\n)\d+ size=(\d+)\n/.exec(said)?.[1] ?? sizeIn(head));
    left = block * Math.ceil(size / block);
    if (kind === 'x' || kind === 'g') {
      more = { length: size, text: Buffer.alloc(0) };
      return;
    }
    const target = /(?:^|\n)\d+ linkpath=([^\n]*)\n/.exec(said)?.[1] ?? textIn(head.subarray(157, 257));
    said = '';
    // What is hard-linked has been counted once, under its first name.
    if (kind === '0' || kind === '\0') content += size;
    else {
      left = 0;
      if (kind === '2') content += Buffer.byteLength(target, 'latin1');
    }
    entries += 1;
  };

  const pass = (part: Buffer): void => {
    left -= part.length;
    if (more === undefined) return;
    more.text = Buffer.concat([more.text, part]);
    if (left > 0) return;
    said = more.text.toString('latin1', 0, more.length);
    more = undefined;
  };

  return {
    add(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + (left > 0 ? left : block - head.length));
        at += part.length;
        if (left > 0) {
          pass(part);
          continue;
        }
        head = head.length === 0 ? part : Buffer.concat([head, part]);
        if (head.length < block) continue;
        // Blocks without a name are the end.
        if (head[0] !== 0) begin();
        head = Buffer.alloc(0);
      }
    },
    entries: () => entries,
    content: () => content,
  };
}

/** Octal, or what does not fit in that as bytes. */
function sizeIn(head: Buffer): number {
  if (((head[124] ?? 0) & 0x80) === 0) return Number.parseInt(head.toString('latin1', 124, 136), 8) || 0;
  return Number(head.readBigUInt64BE(128));
}

function textIn(field: Buffer): string {
  return field.toString('latin1').replace(/\0.*$/s, '');
}
