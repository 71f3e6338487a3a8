import type { Loaded } from '../load/load.ts';
import type { BuildPart, EventBody } from '../model/event.ts';
import type { BuildExplanation } from '../model/explanation.ts';
import type { Plan, StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { carryOut, observeStack, placed } from './work.ts';

/** Carries out builds, and explains which of their steps came from the cache and why the others did not. */
export async function carryOutExplained(
  plan: Plan,
  loaded: Loaded,
  surroundings: Surroundings,
): Promise<{ readonly problems: readonly Problem[]; readonly explanations: readonly BuildExplanation[] }> {
  const { runtime, signal } = surroundings;
  const builds = plan.steps.flatMap(({ id, action }) =>
    action.kind === 'build-image' ? [{ id, action }] : [],
  );
  const images = observeStack(loaded.stack, surroundings, signal).then((observed) => observed.images);
  const examined = builds.map(({ action: build }) => ({ build, aside: [] }));
  const before = await runtime.examineBuilds(examined, images, { take: false }, signal);
  const parts = new Map<StepId, Map<string, BuildPart>>();
  const emit = (event: EventBody & { readonly at?: number }): void => {
    surroundings.emit(event);
    if (event.type !== 'step-progressed') return;
    const own = parts.get(event.id) ?? new Map<string, BuildPart>();
    parts.set(event.id, own);
    for (const part of event.progress.parts ?? []) own.set(part.name, part);
  };
  const problems = await carryOut(plan, 'build', { ...surroundings, emit }, signal, loaded);
  if (signal.aborted) return { problems, explanations: [] };
  const explanations = await Promise.all(
    builds.map(({ id, action }) => {
      const known = before[action.service];
      return runtime.explainBuild(action, {
        parts: [...(parts.get(id)?.values() ?? [])],
        ...(known !== undefined && known.state !== 'unknown' && { changes: known.changes }),
      });
    }),
  );
  for (const problem of explanations.flatMap(({ doubts }) => doubts))
    surroundings.emit({ type: 'problem-found', problem: placed(problem, loaded) });
  return { problems, explanations };
}
