import type { SshKey } from './ssh-key.ts';
import { concat, number, readTexts, text } from './ssh-wire.ts';

const kind = { failure: 5, listKeys: 11, keys: 12, sign: 13, signature: 14 } as const;
/** Far more than any request has. */
const longest = 256 * 1024;

/** The answers of an agent that has these keys and does nothing but sign, to the requests as they come. */
export async function* answerAsAgent(
  requests: AsyncIterable<Buffer>,
  keys: readonly SshKey[],
): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const piece of requests) {
    held = Buffer.concat([held, piece]);
    while (held.length >= 4) {
      const size = held.readUInt32BE();
      if (size > longest) throw new Error('a request to the SSH agent is too long');
      if (held.length < 4 + size) break;
      yield text(answer(held.subarray(4, 4 + size), keys));
      held = held.subarray(4 + size);
    }
  }
}

function answer(request: Buffer, keys: readonly SshKey[]): Buffer {
  if (request[0] === kind.listKeys) {
    const entries = keys.map(({ blob }) => concat(text(blob), text('')));
    return concat(Buffer.from([kind.keys]), number(keys.length), ...entries);
  }
  if (request[0] === kind.sign) {
    const asked = readTexts(request.subarray(1));
    const blob = asked.take();
    const data = asked.take();
    const key = keys.find((one) => one.blob.equals(blob));
    if (key !== undefined) return concat(Buffer.from([kind.signature]), text(key.sign(data, asked.number())));
  }
  return Buffer.from([kind.failure]);
}
