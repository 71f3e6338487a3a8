import { isBad, isInProgress } from '../report/state.ts';
import { describeReady } from '../report/summary.ts';
import type { ServiceState, View } from '../report/view.ts';
import { formatDuration, formatElapsed } from '../report/words.ts';
import type { Line, Span } from './spans.ts';

/** Whether durations are told that grow. */
export function isTicking(view: View): boolean {
  return isBusy(view) || view.services.some((service) => isInProgress(service.state));
}

function isBusy({ phase }: View): boolean {
  return phase === 'starting' || phase === 'changing' || phase === 'stopping';
}

/** What all of it does: `coins  4/5 ready · building rng · 3s`. */
export function statusLine(
  view: View,
  { now, ascii }: { readonly now: number; readonly ascii: boolean },
): Line {
  const all = view.services.length;
  const parts: Span[] = [];
  // What is told of the services is from before.
  const isAway = view.problems.some(({ code, severity }) => code === 'engine-gone' && severity === 'warning');
  if (isAway) parts.push({ text: 'the engine is away', style: 'red' });
  if (all > 0) {
    const complete = view.ready === all && view.phase !== 'stopped' && !isAway;
    parts.push({ text: describeReady(view), ...(complete ? { style: 'green' } : {}) });
  }
  const bad = view.services.filter((service) => isBad(service.state));
  const trouble = bad.every(({ state }) => state === 'failed') ? 'failed' : 'in trouble';
  if (bad.length > 0) parts.push({ text: `${bad.length} ${trouble}`, style: 'red' });
  const doing = describeDoing(view);
  if (doing !== '') parts.push({ text: doing, style: 'yellow' });
  const { plan, unapplied } = view;
  if (unapplied !== undefined) parts.push({ text: 'the file is not applied', style: 'yellow' });
  if (isBusy(view) && plan !== undefined) {
    parts.push({ text: formatElapsed(now - plan.madeAt), style: 'dim' });
  } else if (view.phase === 'running') {
    parts.push(...describeQuiet(view).map((text): Span => ({ text, style: 'dim' })));
  }
  const separator: Span = { text: ascii ? ' - ' : ' · ', style: 'dim' };
  const joined = parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
  return [{ text: view.name === '' ? 'stack' : view.name, style: 'bold' }, { text: '  ' }, ...joined];
}

/** What goes on now, by its verb: `building rng, hasher`. */
function describeDoing(view: View): string {
  if (view.phase === 'loading') return 'loading';
  const order: readonly ServiceState[] = [
    'building',
    'pulling',
    'stopping',
    'restarting',
    'creating',
    'starting',
  ];
  const state = order.find((other) => view.services.some((service) => service.state === other));
  if (state === undefined) return view.phase === 'stopping' ? 'stopping' : '';
  const [first = '', ...others] = view.services
    .filter((service) => service.state === state)
    .map(({ name }) => name);
  return `${state} ${first}${others.length === 0 ? '' : ` +${others.length}`}`;
}

function describeQuiet({ watch }: View): readonly string[] {
  const last = watch.last?.milliseconds;
  return [
    ...(watch.on ? ['watching'] : []),
    ...(last === undefined ? [] : [`last change took ${formatDuration(last)}`]),
  ];
}
