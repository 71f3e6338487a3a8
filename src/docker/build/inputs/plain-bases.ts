import { readImageName } from '../../../model/image-name.ts';
import type { Build } from '../../../model/stack.ts';
import { baseImagesOf, readDockerfile } from './dockerfile.ts';
import type { FindImage } from './images.ts';

/**
 * Of the images that a build begins with, those that surely bring along no instructions for it (`ONBUILD`). Of what the
 * engine does not have that is known of some only. Never throws: what cannot be asked is not sure.
 */
export async function plainBases(
  { args, target }: Build,
  text: string | undefined,
  find: FindImage,
): Promise<ReadonlySet<string>> {
  const bases = baseImagesOf(readDockerfile(text ?? '', args), target).filter((base) => base !== undefined);
  const plain = await Promise.all(bases.map(async (base) => ((await isPlain(base, find)) ? [base] : [])));
  return new Set(plain.flat());
}

async function isPlain(image: string, find: FindImage): Promise<boolean> {
  try {
    const { id, instructs } = await find(image);
    return id === undefined ? isKnownPlain(image) : !instructs;
  } catch {
    return false;
  }
}

/** Docker's own images have such instructions only under tags that say so. Exported for its test. */
export function isKnownPlain(image: string): boolean {
  const { host, path, tag } = readImageName(image);
  const [, name = ''] = /^library\/(.*)$/.exec(path) ?? [];
  return host === 'docker.io' && official.has(name) && tag?.includes('onbuild') === false;
}

/** Those that builds begin with most. Any other name may be that of an image which is still to be built here. */
const official = new Set(
  `almalinux alpine amazoncorretto amazonlinux archlinux bash buildpack-deps busybox caddy clojure composer dart debian
  docker eclipse-temurin elixir erlang fedora gcc golang gradle groovy haproxy haskell httpd julia mariadb maven memcached mongo
  mysql nginx node openjdk oraclelinux perl php postgres pypy python r-base rabbitmq redis rockylinux ruby rust sapmachine
  swift tomcat traefik ubuntu wordpress`.split(/\s+/),
);
