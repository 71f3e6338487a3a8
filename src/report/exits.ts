import type { ReplicaView, ServiceView, View } from './view.ts';
import { describeExit, formatDuration } from './words.ts';

/** From so many ends in a row on, each soon after a start, a container counts as one that crashes again and again. */
export const loopingAfter = 3;

/** A run that ends sooner counts as a crash; the engine begins its back-off anew after one that lasted longer. */
export const quickRun = 10_000;

const firstPause = 100;
const longestPause = 60_000;

/** How long the engine waits before it starts a container again that has ended so often in a row, in milliseconds. */
function pauseAfter(quickEnds: number): number {
  return Math.min(longestPause, firstPause * 2 ** (quickEnds - 1));
}

/** How long the engine takes at most to start a container, in milliseconds. */
const slack = 1_000;

/** How often in a row a container has ended soon after its start, at least, by how long the engine waited before this one. */
export function quickEndsBefore(pause: number): number {
  const waited = Math.min(longestPause, pause - slack);
  return waited < firstPause ? 0 : Math.floor(Math.log2(waited / firstPause)) + 1;
}

/**
 * `crash loop: exit 1, 5 times in a row, next try after 1.6s`; while that try lasts, that it was started again. Of one that did
 * so before anyone looked, how often it was started again in all.
 */
export function describeLoop(replica: ReplicaView, tail: ServiceView['tail']): string {
  const { quickEnds, container, restarts, unseen } = replica;
  // How many of them were in a row nobody knows.
  if (unseen > 0) return `crash loop: ${describeEnd(replica, tail)}, restarted ${restarts} times so far`;
  const next =
    container === 'running' ? 'started again' : `next try after ${formatDuration(pauseAfter(quickEnds))}`;
  return `crash loop: ${describeEnd(replica, tail)}, ${quickEnds} times in a row, ${next}`;
}

/** Why a container ended, in a few words, as far as its exit code and what it wrote last tell. */
export function describeEnd(
  { exitCode, outOfMemory }: Pick<ReplicaView, 'exitCode' | 'outOfMemory'>,
  tail: ServiceView['tail'],
): string {
  if (exitCode !== undefined && exitCode !== 0 && isForOtherProcessor(tail))
    return `exit ${exitCode}: made for another processor`;
  return describeExit(exitCode, outOfMemory);
}

function isForOtherProcessor(tail: ServiceView['tail']): boolean {
  return tail.some(({ text }) => wrongFormat.test(text));
}

const wrongFormat = /exec format error/i;
const noPeer =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|connection refused|could not (?:connect|translate host name)|name or service not known|no such host|name resolution/i;
const portTaken = /EADDRINUSE|address already in use/i;

/** What to do about a container that ended badly; undefined where nothing better can be said than to read its logs. */
export function hintFor(
  { exitCode, outOfMemory }: Pick<ReplicaView, 'exitCode' | 'outOfMemory'>,
  { tail, name, dependsOn }: Pick<ServiceView, 'tail' | 'name' | 'dependsOn'>,
): string | undefined {
  if (outOfMemory) return `it used up its memory: raise \`mem_limit\` of ${name}, or find what takes so much`;
  if (isForOtherProcessor(tail))
    return `build or pull the image for this machine's processor; \`platform\` of ${name} says for which it is`;
  const said = tail.map(({ text }) => text).join('\n');
  if (portTaken.test(said)) return 'it wants to listen where something in its container listens already';
  if (noPeer.test(said)) {
    const peers =
      dependsOn.length === 0 ? '' : `, as long as \`depends_on\` does not wait until that is healthy`;
    return `it could not reach something else, which may be not there or not ready${peers}`;
  }
  return hints[exitCode ?? 0];
}

const hints: Readonly<Record<number, string>> = {
  126: 'make the program executable (chmod +x), or start it by its interpreter: sh FILE, node FILE',
  127: 'a program that the command needs is not in the image: check `command`, `entrypoint` and what the Dockerfile installs',
  132: 'the program uses instructions that this processor does not have: build or pull the image for it',
  137: 'something outside ended it: docker kill, a stop that took too long, or a machine without memory',
  139: 'the program itself crashed: often native code that was built for another system than the image',
};

/** The services that cannot go on without one, also by way of others; in the order of the file. */
export function dependants(name: string, { services }: View): readonly string[] {
  const found = new Set([name]);
  for (let grown = true; grown; ) {
    const more = services.filter(
      (other) => !found.has(other.name) && other.dependsOn.some((one) => found.has(one)),
    );
    for (const other of more) found.add(other.name);
    grown = more.length > 0;
  }
  return services.map((other) => other.name).filter((other) => other !== name && found.has(other));
}
