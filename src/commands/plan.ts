import type { Purpose } from '../model/event.ts';
import type { Surroundings } from '../model/runtime.ts';
import { describePlan, formatPlan } from '../plan/format.ts';
import { openPorts, reachable } from '../plan/reachable.ts';
import { type ConvergeOptions, foresee, loadChosen } from './converge.ts';
import { placed, tellLoaded } from './work.ts';

/** Tells what `up`, or another command, would do, and does nothing of it; gives the plan as text, a line a step. */
export async function plan(
  options: ConvergeOptions,
  purpose: Purpose,
  surroundings: Surroundings,
): Promise<string> {
  const { emit } = surroundings;
  const loaded = await loadChosen(options);
  tellLoaded(loaded, surroundings);
  const foreseen = await foresee(loaded, options, surroundings);
  for (const problem of foreseen.warnings) emit({ type: 'problem-found', problem: placed(problem, loaded) });
  const open = purpose === 'up' ? openPorts(loaded.stack) : [];
  for (const problem of reachable(loaded.stack, open, surroundings.addresses?.() ?? []))
    emit({ type: 'problem-found', problem });
  emit({ type: 'plan-made', purpose, steps: describePlan(foreseen) });
  return formatPlan(foreseen);
}
