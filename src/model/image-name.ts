import { failure } from './problem.ts';

/** The parts of an image name, with what may be left out: `nginx` is `docker.io`, `library/nginx`, `latest`. */
export interface ImageName {
  /** The registry, with a port if it has one. */
  readonly host: string;
  readonly path: string;
  /** Undefined if there is a digest, and nothing else. */
  readonly tag?: string;
  readonly digest?: string;
}

/** Reads the name of an image, or of anything else that registries keep. Throws `invalid-value`. */
export function readImageName(text: string): ImageName {
  const [name = '', digest, ...more] = text.split('@');
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const hasHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const host = hasHost ? first.replace(/^index\.docker\.io$/, 'docker.io') : 'docker.io';
  const rest = hasHost ? name.slice(slash + 1) : name;
  const [, bare = '', tag] = /^(.*?)(?::([^/]*))?$/s.exec(rest) ?? [];
  const path = host === 'docker.io' && !bare.includes('/') ? `library/${bare}` : bare;
  const isName =
    /^[\w.-]+(?::\d+)?$|^\[[0-9a-f:]+\](?::\d+)?$/i.test(host) &&
    path.split('/').every((part) => /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(part)) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^[a-z0-9]+:[0-9a-f]{32,}$/.test(digest)) &&
    more.length === 0;
  if (!isName) {
    throw failure({
      code: 'invalid-value',
      message: `invalid reference format: \`${text}\` names nothing in a registry`,
      hint: 'it is HOST/NAME:TAG or HOST/NAME@DIGEST, the name in lower case',
    });
  }
  if (digest !== undefined) return { host, path, ...(tag === undefined ? {} : { tag }), digest };
  return { host, path, tag: tag ?? 'latest' };
}
