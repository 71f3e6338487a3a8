import { isSecretName } from '../model/masking.ts';

/** Something in a file that looks like a credential. */
export interface Sensitive {
  /** What it is, in Docker Compose's words. */
  readonly type: string;
  /** The name it is given; blank without one. */
  readonly key: string;
  readonly value: string;
}

/** The credentials that Docker Compose 2.40.3 asks about before it publishes a file with them. */
export function sensitiveIn(text: string): readonly Sensitive[] {
  const keys = [
    ...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g),
  ];
  const found = text.split(/\r?\n/).flatMap((line) => valuesIn(line).flatMap(detect));
  return [...keys.map(([value]) => ({ type: 'Private Key', key: '', value })), ...found];
}

interface Named {
  readonly key: string;
  readonly value: string;
}

/** Values with their names, of a line in YAML, JSON or an env file. */
function valuesIn(line: string): readonly Named[] {
  const pairs = [
    ...line.matchAll(
      /(?:^|[\s{,"'[-])([A-Za-z_][\w.-]*)["']?(?:\s*=\s*|:\s+)("[^"]*"|'[^']*'|[^\s,{}[\]#][^\s,}\]]*(?:\s+[\w+/=.-]+)?)/g,
    ),
  ];
  const named = pairs.map(([, key = '', value = '']) => ({ key, value: unquoted(value) }));
  return named.length > 0 ? named : [{ key: '', value: unquoted(line.replace(/^\s*-?\s*/, '').trim()) }];
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function detect({ key, value }: Named): readonly Sensitive[] {
  if (value === '' || /^\$\{?\w/.test(value)) return [];
  const known = shapes.find(([, shape]) => shape.test(value));
  if (known !== undefined) return [{ type: known[0], key, value }];
  if (isSecretName(key) && entropyOf(value) > 4) return [{ type: 'Keyword Detector', key, value }];
  const isRandom = /^[\w+/=-]{20,}$/.test(value) && entropyOf(value) > 5;
  return isRandom ? [{ type: 'High entropy string', key, value }] : [];
}

/** What well-known services give out. */
const shapes: readonly (readonly [type: string, shape: RegExp])[] = [
  ['Artifactory credentials', /^AKC[A-Za-z0-9]{10,}$/],
  ['AWS Client ID', /\b(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}\b/],
  ['AWS MWS key', /\bamzn\.mws\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/i],
  ['Azure Storage Account access key', /AccountKey=[\w+/]{80,}==/],
  ['HTTP Basic Authentication', /^Basic [\w+/]{4,}={0,2}$/i],
  ['HTTP Bearer Authentication', /^Bearer [\w+/.-]{4,}={0,2}$/i],
  ['Github authentication', /\b(?:gh[opsru]_\w{36,}|github_pat_\w{20,})\b/],
  ['JSON Web Token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/],
  ['Mailchimp API key', /\b[0-9a-f]{32}-us\d{1,2}\b/],
  ['npm auth token', /_authToken=[\w-]{20,}/],
  ['Sendgrid API key', /\bSG\.[\w-]{22}\.[\w-]{43}\b/],
  [
    'Slack token',
    /\bxox[abeoprs]-[\w-]{10,}|\bxapp-\d-[\w-]{20,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/,
  ],
  ['Square OAuth secret', /\bsq0(?:atp|csp)-[\w\\-]{22,}/],
  ['Stripe API key', /\b[rs]k_live_\w{20,}/],
  ['Twilio API key', /\b(?:AC|SK)[0-9a-f]{32}\b/],
  ['URL with password', /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#]*:(?!\$)[^\s/]+@/i],
];

/** Bits per character, by Shannon. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}
