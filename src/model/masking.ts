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
  const all = longestFirst([...known, ...writtenIn(value, '')]);
  const distinct = all.filter(isDistinct);
  let count = 0;
  const replaced = (before: string, after: string): string => {
    if (after !== before) count++;
    return after;
  };
  const walk = (one: unknown, key: string, inContent: boolean): unknown => {
    if (Array.isArray(one)) return one.map((entry, index) => walk(entry, flagOf(one[index - 1]), inContent));
    if (typeof one === 'object' && one !== null) {
      return Object.fromEntries(
        Object.entries(one).map(([name, entry]) => [name, walk(entry, name, name === 'content')]),
      );
    }
    if (typeof one === 'number') return isSecretName(key) ? replaced('', mask) : one;
    if (typeof one !== 'string') return one;
    return replaced(one, maskValue(key, one, inContent ? all : distinct));
  };
  return { value: walk(value, '', false) as Value, count };
}

/** The credentials that are written out: they may stand elsewhere, too. */
function writtenIn(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => writtenIn(entry, ''));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, entry]) => writtenIn(entry, name));
  }
  const isCredential = typeof value === 'string' && isSecretName(key) && !address.test(value);
  return isCredential && isDistinct(value) && !saysNothing.test(value) ? [value] : [];
}

/** The name that the word after it has: `--password`. */
function flagOf(word: unknown): string {
  return typeof word === 'string' && /^--?[A-Za-z][\w-]*$/.test(word) ? word : '';
}

const address = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A value for people to look at, by the name it has. */
export function maskValue(name: string, value: string, known: readonly string[] = []): string {
  if (isSecretName(name) && !address.test(value)) return saysNothing.test(value) ? value : mask;
  return known.reduce((text, secret) => text.replaceAll(secret, mask), maskInside(value));
}

/** A text with the passwords in its addresses masked, and nothing else. */
export function maskAddresses(text: string): string {
  return text.replace(userPassword, `$1${mask}`).replace(userToken, `$1${mask}`);
}

/** A line of a file as people look at it: of credentials each letter is masked, so that all stays in its column. */
export function maskLine(line: string): string {
  const hide = (secret: string): string => '*'.repeat(secret.length);
  const inPairs = [wholePair, collection, flowPair, flagPair].reduce(
    (text, pair) =>
      text.replace(pair, (whole, before: string, name: string, sign: string, value: string) =>
        isSecretName(name) && !saysNothing.test(value) ? `${before}${name}${sign}${hide(value)}` : whole,
      ),
    line,
  );
  return maskInside(inPairs, hide);
}

/** The credentials among variables, by their names: texts in which they occur are masked, too. */
export function secretsAmong(variables: ReadonlyMap<string, string>): readonly string[] {
  const values = [...variables].filter(([name, value]) => isSecretName(name) && value.length >= 4);
  return longestFirst(values.filter(([, value]) => !saysNothing.test(value)).map(([, value]) => value));
}

/** What is part of another must not break it. */
function longestFirst(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets)].toSorted((a, b) => b.length - a.length);
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
  /(?:PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL)S?$|^(?:AUTHORIZATION|BEARER|CREDS|MASTERAUTH|REQUIREPASS)$/;
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

// Names are bounded: where no end of one comes, each of its characters could begin one that is as long as all that follows.
const userPassword = /\b([a-z][a-z0-9+.-]{0,40}:\/\/[^\s:@/?#"']*:)([^\s@/"']+)(?=@)/gi;
const userToken = /\b([a-z][a-z0-9+.-]{0,40}:\/\/)([\w-]{20,})(?=@)/gi;
const assigned = /()([A-Za-z_][\w.-]{0,200})(=)("[^"]*"|'[^']*'|[^\s&;,"']+)/g;
const quotedPair = /(")([^"\s]+)("\s*:\s*")((?:[^"\\]|\\.)*)(?=")/g;
const yamlPair = /^(\s*(?:- )?)([A-Za-z_][\w.-]*)(:\s+)([^\s#][^\n]*)$/gm;
/** A line that is nothing but a name and its value, in YAML or in an env file. */
const wholePair =
  /^(\s*(?:- +|export +)?["']?)([A-Za-z_][\w.-]*)(["']?:\s+["']?|\s*=\s*["']?)([^\s#"'[{&*!|>].*?)(?=["']?(?:\s+#.*)?$)/g;
/** A list or a map as the value of a name: what should have been text. */
const collection =
  /^(\s*(?:- +)?["']?)((?!secrets["':])[A-Za-z_][\w.-]*)(["']?:\s+)([[{].*?)(?=(?:\s+#.*)?$)/g;
const flowPair = /([{,]\s*["']?)([A-Za-z_][\w.-]*)(["']?:\s+["']?)([^\s"'[{&*!|>,}][^"',}]*)/g;
const flagPair = /(["']--?)([A-Za-z][\w-]*)(["'],\s*["'])([^"']+)/g;
const flagged = /((?:^|\s)--?)([A-Za-z][\w-]*)(\s+["']?)([^\s"'-][^\s"']*)/g;
const defaulted = /(\$\{)([A-Za-z_]\w*)(:?[-+])([^{}]+)(?=\})/g;
const authorization = /(\bAuthorization["']?\s*[:=]\s*["']?(?:Basic|Bearer|Token)\s+)([^\s"']+)/gi;
const curlUser = /(\bcurl\b.*?\s(?:-u|--user)[ =]?["']?[^\s:"']+:)([^\s"']+)/g;
/** Passwords as they stand in the files of web servers, and what well-known services give out. */
const shapes = [
  /\${1,2}(?:apr1|2[abxy]|5|6)\${1,2}[\w./$]{8,}/g,
  /\b(?:gh[opsru]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,}|AKIA[0-9A-Z]{16})\b/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /(?<=\bhooks\.slack\.com\/services\/)[\w/]+/g,
  /(?<=-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]+/g,
];

/** Texts with the credentials in them replaced by what `hide` makes of each. */
function maskInside(text: string, hide: (secret: string) => string = () => mask): string {
  const named = (whole: string, before: string, name: string, sign: string, value: string): string =>
    isSecretName(name) && !saysNothing.test(value) ? `${before}${name}${sign}${hide(value)}` : whole;
  const behind = (whole: string, before: string, value: string): string =>
    saysNothing.test(value) ? whole : `${before}${hide(value)}`;
  const lines = text.includes('\n') ? text.replace(yamlPair, named) : text;
  const inPlaces = lines
    .replace(userPassword, behind)
    .replace(userToken, behind)
    .replace(assigned, named)
    .replace(quotedPair, named)
    .replace(flagged, named)
    .replace(defaulted, named)
    .replace(authorization, behind)
    .replace(curlUser, behind);
  return shapes.reduce((whole, shape) => whole.replace(shape, hide), inPlaces);
}
