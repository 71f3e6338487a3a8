import { createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { answerAsAgent } from '../../../../src/docker/build/session/ssh-agent.ts';
import { readSshKey } from '../../../../src/docker/build/session/ssh-key.ts';
import { concat, number, readTexts, text } from '../../../../src/docker/build/session/ssh-wire.ts';

const data = Buffer.from('to be signed');

/** The parts of a key as OpenSSH keeps them, in its own file format without a passphrase. */
function openSsh(...parts: readonly Buffer[]): string {
  const secret = concat(number(7), number(7), ...parts.map(text), text('a comment'), Buffer.from([1, 2, 3]));
  const head = [text('none'), text('none'), text(''), number(1), text('the public half'), text(secret)];
  const body = concat(Buffer.from('openssh-key-v1\0'), ...head).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const part = (jwk: JsonWebKey, name: keyof JsonWebKey) => Buffer.from(String(jwk[name]), 'base64url');
const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What a signature consists of: the name of its algorithm, and its bytes. */
function signed(file: string, flags = 0): { algorithm: string; signature: Buffer; type: string } {
  const key = readSshKey(file);
  const both = readTexts(key.sign(data, flags));
  return {
    type: readTexts(key.blob).take().toString(),
    algorithm: both.take().toString(),
    signature: both.take(),
  };
}

it.each(['OpenSSH', 'PEM'])('an Ed25519 key in the form of %s', (form) => {
  const jwk = ed25519.privateKey.export({ format: 'jwk' });
  const both = concat(part(jwk, 'd'), part(jwk, 'x'));
  const file =
    form === 'PEM'
      ? String(ed25519.privateKey.export({ format: 'pem', type: 'pkcs8' }))
      : openSsh(Buffer.from('ssh-ed25519'), part(jwk, 'x'), both);
  const { type, algorithm, signature } = signed(file);
  expect([type, algorithm]).toEqual(['ssh-ed25519', 'ssh-ed25519']);
  expect(verify(null, data, ed25519.publicKey, signature)).toBe(true);
});

it.each([
  [0, 'ssh-rsa', 'sha1'],
  [2, 'rsa-sha2-256', 'sha256'],
  [4, 'rsa-sha2-512', 'sha512'],
])('an RSA key with the flags %i signs as %s', (flags, name, hash) => {
  const jwk = rsa.privateKey.export({ format: 'jwk' });
  const parts = (['n', 'e', 'd', 'qi', 'p', 'q'] as const).map((one) => part(jwk, one));
  const { type, algorithm, signature } = signed(openSsh(Buffer.from('ssh-rsa'), ...parts), flags);
  expect([type, algorithm]).toEqual(['ssh-rsa', name]);
  expect(verify(hash, data, rsa.publicKey, signature)).toBe(true);
});

it('an ECDSA key', () => {
  const jwk = ecdsa.privateKey.export({ format: 'jwk' });
  const point = concat(Buffer.from([4]), part(jwk, 'x'), part(jwk, 'y'));
  const type = 'ecdsa-sha2-nistp256';
  const file = openSsh(Buffer.from(type), Buffer.from('nistp256'), point, part(jwk, 'd'));
  const { signature } = signed(file);
  const halves = readTexts(signature);
  const fixed = [halves.take(), halves.take()].map((half) =>
    Buffer.from(half.toString('hex').padStart(64, '0').slice(-64), 'hex'),
  );
  const key = { key: createPublicKey(ecdsa.publicKey.export({ format: 'pem', type: 'spki' })) };
  expect(verify('sha256', data, { ...key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(fixed))).toBe(true);
});

it('a key with a passphrase, and what is no key, are refused', () => {
  const locked = concat(Buffer.from('openssh-key-v1\0'), text('aes256-ctr'), text('bcrypt')).toString(
    'base64',
  );
  const file = `-----BEGIN OPENSSH PRIVATE KEY-----\n${locked}\n-----END OPENSSH PRIVATE KEY-----\n`;
  expect(() => readSshKey(file)).toThrow('it has a passphrase');
  expect(() => readSshKey('no key')).toThrow();
});

it('an agent lists its keys, signs with them, and refuses everything else, however the requests are cut', async () => {
  const key = readSshKey(String(ed25519.privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const request = (kind: number, ...parts: readonly Buffer[]) => text(concat(Buffer.from([kind]), ...parts));
  const all = concat(
    request(11),
    request(13, text(key.blob), text(data), number(0)),
    request(13, text('another key'), text(data), number(0)),
    request(17, text('a key to be added')),
  );
  async function* bytes() {
    for (const byte of all) yield Buffer.from([byte]);
  }
  const answers: Buffer[] = [];
  for await (const answer of answerAsAgent(bytes(), [key])) answers.push(answer);
  expect(answers.map((answer) => answer[4])).toEqual([12, 14, 5, 5]);
  expect(answers[0]?.includes(key.blob)).toBe(true);
  const signature = readTexts(readTexts((answers[1] ?? data).subarray(5)).take());
  signature.take();
  expect(verify(null, data, ed25519.publicKey, signature.take())).toBe(true);
});
