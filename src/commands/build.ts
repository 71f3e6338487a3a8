import path from 'node:path';
import type { Loaded, LoadRequest } from '../load/load.ts';
import { readSize } from '../load/tables/size.ts';
import type { BuildExplanation } from '../model/explanation.ts';
import { failure, type Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { formatBake, targetName } from '../plan/bake.ts';
import { type BuildOptions as PlanOptions, planBuild } from '../plan/images.ts';
import { assignedVariables } from './assignments.ts';
import { loadChosen } from './converge.ts';
import { carryOutExplained } from './explained.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { carryOut, tellLoaded, withPlaces } from './work.ts';

export interface BuildOptions extends Omit<PlanOptions, 'args' | 'ssh' | 'memory' | 'builder'> {
  readonly load: LoadRequest;
  /** `NAME=VALUE`, or `NAME` for one of the project's variables. */
  readonly args: readonly string[];
  /** `default` for the user's agent, or `ID=PATH`. */
  readonly ssh: readonly string[];
  /** A builder of `docker buildx`; absent: the engine itself. */
  readonly builder?: string | undefined;
  /** A size: `512m`. */
  readonly memory?: string | undefined;
  /** Gets why the steps were done. */
  readonly explain?: ((explanations: readonly BuildExplanation[]) => void) | undefined;
  /** Also what the named services depend on. */
  readonly dependencies: boolean;
}

/** Builds the images of services. */
export async function build(options: BuildOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signal } = surroundings;
  const { loaded, wishes } = await loadBuilds(options);
  tellLoaded(loaded, surroundings);
  const plan = withPlaces(loaded, () => {
    const { builder: name } = options;
    // This is how buildx calls the engine itself.
    if (name === undefined || name === 'default') return planBuild(loaded.stack, wishes);
    const file = formatBake(loaded.stack, wishes);
    const builder = (service: string) => ({ name, file, target: targetName(service) });
    return planBuild(loaded.stack, { ...wishes, builder });
  });
  const { explain } = options;
  if (explain !== undefined && surroundings.rehearse === undefined) {
    const { problems, explanations } = await carryOutExplained(plan, loaded, surroundings);
    explain(explanations);
    return signal.aborted ? interrupted : outcomeOf(problems);
  }
  const problems = await carryOut(plan, 'build', surroundings, signal, loaded);
  return signal.aborted ? interrupted : outcomeOf(problems);
}

/** The builds as a file for `docker buildx bake`, and what is doubtful about the stack; asks no engine. */
export async function printBuilds(
  options: BuildOptions,
): Promise<{ readonly text: string; readonly warnings: readonly Problem[] }> {
  const { loaded, wishes } = await loadBuilds(options);
  const text = withPlaces(loaded, () => formatBake(loaded.stack, wishes));
  return { text, warnings: loaded.warnings };
}

async function loadBuilds(
  options: BuildOptions,
): Promise<{ readonly loaded: Loaded; readonly wishes: PlanOptions }> {
  const { load, dependencies } = options;
  const loaded = await loadChosen({
    load: { ...load, resolveEnvironment: false },
    alone: !dependencies,
  });
  const { builder: _, explain: _explain, ...rest } = options;
  const wishes = {
    ...rest,
    args: assignedVariables(options.args, loaded.variables, load),
    ssh: sshKeys(options.ssh, load),
    memory: options.memory === undefined ? undefined : sizeOf(options.memory),
  };
  return { loaded, wishes };
}

function sshKeys(words: readonly string[], { directory }: LoadRequest): Record<string, string | null> {
  const keys = words.map((word): [string, string | null] => {
    const equals = word.indexOf('=');
    if (equals > 0) {
      const files = word.slice(equals + 1).split(',');
      return [word.slice(0, equals), files.map((file) => path.resolve(directory, file)).join(',')];
    }
    if (word === '' || word === 'default') return ['default', null];
    throw failure({
      code: 'invalid-option',
      message: `the SSH key ${word} has no path`,
      hint: 'write --ssh default for the agent, or --ssh ID=PATH',
    });
  });
  return Object.fromEntries(keys);
}

function sizeOf(text: string): number {
  const size = readSize(text);
  if (size !== undefined) return size;
  throw failure({
    code: 'invalid-option',
    message: `invalid argument "${text}" for "-m, --memory" flag: invalid size: '${text}'`,
    hint: 'write a number of bytes, or one with a unit: 512m',
  });
}
