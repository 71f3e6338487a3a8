/** What stands for a value that is not shown. */
export const mask = '********';

export interface Masked<Value> {
  readonly value: Value;
  /** How many values are not shown as they are. */
  readonly count: number;
}

/**
 * Plain data to be looked at: values whose names say that they are credentials are masked, and so are passwords inside
 * addresses, assignments and texts with one of the `known` credentials in them. What names a file or says how a
 * credential is used stays, and so do variables that are still to be replaced.
 */
export function maskSecrets<Value>(value: Value, known: readonly string[] = []): Masked<Value> {
  let count = 0;
  const replaced = (before: string, after: string): string => {
    if (after !== before) count++;
    return after;
  };
  const walk = (one: unknown, key: string, inContent: boolean): unknown => {
    if (Array.isArray(one)) return one.map((entry) => walk(entry, '', inContent));
    if (typeof one === 'object' && one !== null) {
      return Object.fromEntries(
        Object.entries(one).map(([name, entry]) => [name, walk(entry, name, name === 'content')]),
      );
    }
    if (typeof one === 'number') return isSecretName(key) ? replaced('', mask) : one;
    if (typeof one !== 'string') return one;
    return replaced(one, maskValue(key, one, inContent ? known : known.filter(isDistinct)));
  };
  return { value: walk(value, '', false) as Value, count };
}

/** A value for people to look at, by the name it has. */
export function maskValue(name: string, value: string, known: readonly string[] = []): string {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
  if (isSecretName(name) && !isAddress) return saysNothing.test(value) ? value : mask;
  return known.reduce((text, secret) => text.replaceAll(secret, mask), maskInside(value));
}

/** The credentials among variables, by their names: texts in which they occur are masked, too. */
export function secretsAmong(variables: ReadonlyMap<string, string>): readonly string[] {
  const values = [...variables].filter(([name, value]) => isSecretName(name) && value.length >= 4);
  // What is part of another must not break it.
  return values
    .filter(([, value]) => !saysNothing.test(value))
    .map(([, value]) => value)
    .toSorted((a, b) => b.length - a.length);
}

/** True for names such as `DB_PASSWORD`, `apiKey` and `aws.secret`, not for `PASSWORD_FILE`, `AUTHOR` or `TOKENIZER`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1);
  if (last === undefined || harmless.has(last)) return false;
  return (
    words.some((word, index) => secretWord.test(word) || isKey(word, words[index - 1])) ||
    (secretEnd.test(last) && (last !== 'PWD' || words.length > 1))
  );
}

const secretWord =
  /(?:PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL)S?$|^(?:AUTHORIZATION|BEARER|CREDS)$/;
const secretEnd = /^(?:PASS|PWD|AUTH|SALT)$/;

function isKey(word: string, before = ''): boolean {
  const [, ownBefore, key] = /^(.*?)(KEYS?)$/.exec(word) ?? [];
  return key !== undefined && keysOf.has(ownBefore === '' ? before : (ownBefore ?? ''));
}

const keysOf = new Set(
  'ACCESS ACCOUNT API APP AUTH ENCRYPTION HMAC JWT LICENSE MASTER PRIVATE SECRET SESSION SHARED SIGNING SSH'.split(
    ' ',
  ),
);

/** Last words of names that tell about a credential but are none. */
const harmless = new Set(
  `AGE ALG ALGORITHM AUDIENCE BACKEND COUNT DIR DIRECTORY DISABLED DRIVER ENABLE ENABLED ENDPOINT EXPIRATION EXPIRES
EXPIRY FILE FILES FOLDER FORMAT HEADER HOST ID INTERVAL ISSUER LENGTH LIFETIME LIMIT MAX METHOD MIN MODE NAME PATH
PLUGIN POLICY PORT PROVIDER REQUIRED ROTATION SERVICE SIZE SOURCE STORE TIMEOUT TTL TYPE URI URL USER USERNAME
VERSION`.split(/\s/),
);

/** Switches, and variables that are still to be replaced, give nothing away. */
const saysNothing =
  /^(?:|true|false|yes|no|on|off|0|1|none|null|trust|\*+|\$+[A-Za-z_]\w*|\$+\{[A-Za-z_]\w*(?::?\?[^}]*)?\})$/i;

/** Common words such as `postgres` are passwords of test databases, but are said about other things, too. */
function isDistinct(secret: string): boolean {
  return secret.length >= 6 && !/^[a-z]+$/.test(secret);
}

const userPassword = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#"']*:)([^\s@/"']+)@/gi;
const userToken = /\b([a-z][a-z0-9+.-]*:\/\/)([\w-]{20,})@/gi;
const assigned = /([A-Za-z_][\w.-]*)=("[^"]*"|'[^']*'|[^\s&;,"']+)/g;
const quotedPair = /"([^"\s]+)"(\s*:\s*)"((?:[^"\\]|\\.)*)"/g;
const yamlPair = /^(\s*(?:- )?)([A-Za-z_][\w.-]*)(:\s+)([^\s#][^\n]*)$/gm;

function maskInside(text: string): string {
  const lines = text.includes('\n')
    ? text.replace(yamlPair, (whole, indent: string, name: string, colon: string, value: string) =>
        isSecretName(name) && !saysNothing.test(value) ? `${indent}${name}${colon}${mask}` : whole,
      )
    : text;
  return lines
    .replace(userPassword, (whole, before: string, password: string) =>
      saysNothing.test(password) ? whole : `${before}${mask}@`,
    )
    .replace(userToken, `$1${mask}@`)
    .replace(assigned, (whole, name: string, value: string) =>
      isSecretName(name) && !saysNothing.test(value) ? `${name}=${mask}` : whole,
    )
    .replace(quotedPair, (whole, name: string, colon: string, value: string) =>
      isSecretName(name) && !saysNothing.test(value) ? `"${name}"${colon}"${mask}"` : whole,
    );
}
