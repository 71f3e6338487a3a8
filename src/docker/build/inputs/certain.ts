import type { BuildImage } from '../../../model/plan.ts';
import { type Build, isRemoteContext } from '../../../model/stack.ts';
import type { BuildSources } from '../sources.ts';
import { baseImagesOf, type Instruction, readDockerfile, stagesFor } from './dockerfile.ts';
import { isPlainInstruction, isUnusual } from './needed.ts';

/**
 * Whether all that a build is made from can be seen from here, so that, with nothing of it changed, a builder would give the
 * same image again: it looks at nothing by itself, in no registry and behind no address, and is to do nothing besides. For
 * an engine that looks for its base images only if it does not have them. `plain`: see `plainBases`.
 */
export function isAllSeen(
  { build, bases }: BuildImage,
  { remote, dockerfile: { text } }: Pick<BuildSources, 'remote' | 'dockerfile'>,
  plain: ReadonlySet<string>,
): boolean {
  if (remote || text === undefined || bases !== undefined || !isPlainBuild(build)) return false;
  if (hasSyntax(text) || isUnusual(text)) return false;
  const dockerfile = readDockerfile(text, build.args);
  const stages = stagesFor(dockerfile, build.target);
  if (!stages.every(({ instructions }) => instructions.every(isOfHere))) return false;
  return baseImagesOf(dockerfile, build.target).every((base) => base !== undefined && plain.has(base));
}

function isPlainBuild({ additional_contexts: contexts = {}, args = {}, ...build }: Build): boolean {
  const more = [
    'cache_from',
    'cache_to',
    'no_cache',
    'no_cache_filter',
    'platforms',
    'provenance',
    'pull',
    'sbom',
    'secrets',
    'ssh',
    'tags',
  ] as const;
  return (
    more.every((key) => build[key] === undefined || build[key] === false) &&
    !Object.values(contexts).some(isRemoteContext) &&
    args.BUILDKIT_SYNTAX === undefined
  );
}

/** Another frontend reads the Dockerfile, of which there may be a newer one. */
function hasSyntax(text: string): boolean {
  return /^\W*syntax\s*=/im.test(text);
}

/** What the environment says of proxies comes into a build unseen. */
function isOfHere(instruction: Instruction): boolean {
  const { name, text } = instruction;
  if (name === 'ADD' && /:|\$/.test(text)) return false;
  return isPlainInstruction(instruction) && !(name === 'ARG' && /_proxy\b/i.test(text));
}
