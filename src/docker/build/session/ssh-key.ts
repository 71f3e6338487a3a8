import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { concat, readTexts, text } from './ssh-wire.ts';

/** A private key as an agent uses it. */
export interface SshKey {
  /** The public half as SSH writes it. */
  readonly blob: Buffer;
  /** `flags` as in a request to an agent: 2 and 4 want SHA-256 and SHA-512 from RSA. */
  sign(data: Buffer, flags: number): Buffer;
}

/**
 * Reads a private key: OpenSSH's own form (RFC 4253 and OpenSSH's PROTOCOL.key) or PEM; Ed25519, RSA or ECDSA. Throws on
 * any other, and on one with a passphrase.
 */
export function readSshKey(file: string): SshKey {
  const own = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(file)?.[1];
  const key =
    own === undefined
      ? createPrivateKey(file)
      : createPrivateKey({ key: ofOpenSsh(Buffer.from(own, 'base64')), format: 'jwk' });
  const half = createPublicKey(key).export({ format: 'jwk' });
  return { blob: blobOf(half), sign: (data, flags) => signature(key, half, data, flags) };
}

const magic = 'openssh-key-v1\0';

function ofOpenSsh(bytes: Buffer): JsonWebKey {
  if (bytes.toString('latin1', 0, magic.length) !== magic) throw new Error('it is no private key of OpenSSH');
  const head = readTexts(bytes.subarray(magic.length));
  const cipher = head.take().toString();
  if (cipher !== 'none') throw new Error('it has a passphrase');
  head.take();
  head.take();
  if (head.number() !== 1) throw new Error('it is more than one key');
  head.take();
  const secret = readTexts(head.take());
  secret.number();
  secret.number();
  const type = secret.take().toString();
  if (type === 'ssh-ed25519') {
    const x = secret.take();
    return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(secret.take().subarray(0, 32)) };
  }
  if (type === 'ssh-rsa') return rsa(Array.from({ length: 6 }, () => secret.take()));
  const crv = curves[type];
  if (crv === undefined) throw new Error(`keys of the type ${type} are not known`);
  secret.take();
  const point = secret.take();
  const size = (point.length - 1) / 2;
  const d = numberOf(secret.take())
    .toString(16)
    .padStart(size * 2, '0');
  return {
    kty: 'EC',
    crv,
    x: url(point.subarray(1, 1 + size)),
    y: url(point.subarray(1 + size)),
    d: url(Buffer.from(d, 'hex')),
  };
}

const curves: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'P-256',
  'ecdsa-sha2-nistp384': 'P-384',
  'ecdsa-sha2-nistp521': 'P-521',
};

function rsa(parts: readonly Buffer[]): JsonWebKey {
  const [n = 0n, e = 0n, d = 0n, qi = 0n, p = 0n, q = 0n] = parts.map(numberOf);
  const all = { n, e, d, qi, p, q, dp: d % (p - 1n), dq: d % (q - 1n) };
  return {
    kty: 'RSA',
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [name, url(bytesOf(value))])),
  };
}

function blobOf(half: JsonWebKey): Buffer {
  const [x, y, n, e] = [half.x, half.y, half.n, half.e].map((part) => Buffer.from(part ?? '', 'base64url'));
  const type = typeOf(half);
  if (half.kty === 'OKP') return concat(text(type), text(x));
  if (half.kty === 'RSA') return concat(text(type), positive(e), positive(n));
  return concat(text(type), text(type.slice('ecdsa-sha2-'.length)), text(concat(Buffer.from([4]), x, y)));
}

function typeOf({ kty, crv }: JsonWebKey): string {
  if (kty === 'RSA') return 'ssh-rsa';
  if (crv === 'Ed25519') return 'ssh-ed25519';
  const type = Object.entries(curves).find(([, curve]) => curve === crv)?.[0];
  if (type === undefined) throw new Error(`keys of the type ${crv ?? kty} are not known`);
  return type;
}

function signature(key: KeyObject, half: JsonWebKey, data: Buffer, flags: number): Buffer {
  const type = typeOf(half);
  if (type === 'ssh-ed25519') return concat(text(type), text(sign(null, data, key)));
  if (type === 'ssh-rsa') {
    const [name, hash] =
      flags & 4 ? ['rsa-sha2-512', 'sha512'] : flags & 2 ? ['rsa-sha2-256', 'sha256'] : [type, 'sha1'];
    return concat(text(name), text(sign(hash, data, key)));
  }
  const hash = { 'P-256': 'sha256', 'P-384': 'sha384' }[half.crv ?? ''] ?? 'sha512';
  const both = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  const [r, s] = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
  return concat(text(type), text(concat(positive(r), positive(s))));
}

/** A number that is not negative, as SSH writes it. */
function positive(bytes: Buffer = Buffer.alloc(0)): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return text((digits[0] ?? 0) > 127 ? concat(Buffer.from([0]), digits) : digits);
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function bytesOf(value: bigint): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
