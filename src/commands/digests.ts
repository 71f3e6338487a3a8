import { readImageName } from '../model/image-name.ts';
import { failure, type Problem, ProblemsError, problemsOf } from '../model/problem.ts';

/** Finds what the registry of an image says that its name stands for now. */
export type ResolveDigest = (image: string) => Promise<string>;

type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The services with their images named by digest, each image asked for once. Throws `ProblemsError` with all images for
 * which there is none.
 */
export async function withDigests(services: Services, resolve: ResolveDigest): Promise<Services> {
  const images = new Set(
    Object.values(services).flatMap(({ image }) =>
      typeof image === 'string' && image !== '' ? [image] : [],
    ),
  );
  const problems: Problem[] = [];
  const pinned = new Map<string, string>();
  await Promise.all(
    [...images].map(async (image) => {
      try {
        pinned.set(image, await pin(image, resolve));
      } catch (error) {
        problems.push(...problemsOf(error));
      }
    }),
  );
  if (problems.length > 0) throw new ProblemsError(distinct(problems));
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const image = pinned.get(String(service.image));
      return [name, image === undefined ? service : { ...service, image }];
    }),
  );
}

async function pin(image: string, resolve: ResolveDigest): Promise<string> {
  const name = fullName(image);
  return name.includes('@') ? name : `${name}@${await resolve(name)}`;
}

/** An image name with all that may be left out: `docker.io/library/nginx:latest`. A digest makes a tag needless. */
export function fullName(image: string): string {
  if (/[${}\s]/.test(image)) {
    throw failure({
      code: 'invalid-value',
      message: `the image name \`${image}\` has variables in it, so its digest cannot be asked for`,
      hint: 'leave out --no-interpolate',
    });
  }
  const { host, path, tag, digest } = readImageName(image);
  return `${host}/${path}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** An engine that does not answer is told once, not for each image. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()].toSorted((a, b) =>
    a.message < b.message ? -1 : 1,
  );
}
