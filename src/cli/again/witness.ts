import type { EngineWitness, Heard } from '../../docker/witness.ts';
import { browserScheme } from '../../model/ports.ts';
import {
  type Answer,
  type Asked,
  aboutContainers,
  type Digests,
  digestsOf,
  fileOf,
  form,
  isAnswer,
  keep,
  patience,
  type Said,
  surroundingsOf,
} from './answer.ts';
import { openSight } from './sight.ts';

/** Sees all that a command looks at outside of itself, and what it says. */
export interface Witness extends EngineWitness {
  says(stream: Said[0], text: string | Uint8Array): void;
  /**
   * Nothing had to be done, and what was said follows from what was looked at, at whatever time. `unless`: it is not to be kept all
   * the same; asked only if it could be.
   */
  vouch(unless?: () => boolean): void;
  /** Keeps the answer, if all is still as it was when it was looked at. That it cannot be kept only costs time. */
  keep(): Promise<void>;
}

/**
 * Begins to see what a command asks of the file system, and of the engine where it says so. Whatever of it nobody could ask
 * again makes that nothing is kept: other programs and other machines, what was changed, what is too new to be known again.
 */
export function openWitness(asked: Asked): Witness {
  const began = Date.now();
  const variables = { ...process.env };
  const ports: Answer['ports'][number][] = [];
  const heard: Heard[] = [];
  const said: Said[] = [];
  let socketPath: string | undefined;
  let open = 0;
  /** When something was asked last. */
  let asking = 0;
  /** Absent: nobody has vouched for the answer. */
  let isNotToBeKept: (() => boolean) | undefined;
  const sight = openSight(() => {
    heard.length = 0;
  });
  const { spoil, isSpoilt } = sight;

  return {
    asks() {
      open += 1;
      asking = performance.now();
    },
    hears(answer) {
      open -= 1;
      // It would only be waited for in vain.
      if (performance.now() - asking > patience) spoil();
      if (!isSpoilt()) heard.push(answer);
    },
    reaches(port, answer) {
      const isSlow = browserScheme(port.containerPort) !== undefined && answer?.status === undefined;
      if (answer?.answers === true && !isSlow) ports.push([port, answer]);
      else spoil();
    },
    acts: spoil,
    meets(path) {
      socketPath = path;
    },
    says(stream, text) {
      if (typeof text !== 'string') spoil();
      else if (!isSpoilt() && text !== '') said.push([stream, text]);
    },
    vouch(unless = () => false) {
      isNotToBeKept = unless;
    },
    async keep() {
      const looks = sight.close();
      if (isNotToBeKept === undefined || open > 0 || looks === undefined || isNotToBeKept()) return;
      const digests = allDigests(heard);
      if (digests === undefined) return;
      const answer: Answer = {
        v: form,
        at: began,
        asked,
        surroundings: surroundingsOf(variables),
        looks,
        engine: { ...(socketPath !== undefined && { socketPath }), digests },
        ports,
        said,
      };
      await keep(fileOf(asked), answer);
    },
  };
}

/**
 * Made once nobody waits any more. `undefined` where the same was asked twice and answered differently, nothing was said, or what
 * was said has no form in which it could be known again.
 */
function allDigests(heard: readonly Heard[]): Readonly<Record<string, Digests>> | undefined {
  try {
    return digestsOfAll(heard);
  } catch {
    return undefined;
  }
}

function digestsOfAll(heard: readonly Heard[]): Readonly<Record<string, Digests>> | undefined {
  const made: Record<string, Digests> = {};
  const containers = aboutContainers(heard);
  for (const { question, version, status, text } of heard) {
    if (version === undefined || text === '') return undefined;
    const asked = `/v${version}${question}`;
    const before = made[asked];
    if (before !== undefined && !isAnswer(before, { status, text, containers })) return undefined;
    made[asked] = before ?? digestsOf({ status, text, containers });
  }
  return made;
}
