import type {
  FilesChanged,
  PlannedStep,
  StackChanged,
  StepFinished,
  WatchResponse,
} from '../../model/event.ts';
import { createPainter } from '../paint.ts';
import { shownPath } from '../paths.ts';
import { labelled } from '../problems.ts';
import type { View } from '../view.ts';
import { formatDuration } from '../words.ts';
import { list, type NarrateOptions, type Notice } from './notice.ts';

/** Without services the files of the stack are watched alone. */
export function describeWatched(
  services: readonly string[],
  { files }: View,
  { directory }: NarrateOptions,
): string {
  if (services.length > 0) return `watching the files of ${list(services)}`;
  return `watching ${list(files.map((file) => shownPath(file, directory)))}`;
}

/** What the stack is to be now, step by step, and what is to be done if someone has to want it. */
export function tellStackChanged(
  { files, plan, removes, asks }: StackChanged,
  { colour, width, directory, applyKey, again = 'stack' }: NarrateOptions,
): Notice {
  const changed = describeChanged(files, directory);
  if (plan.length === 0) return { shape: 'done', text: `${changed}: nothing to do` };
  const details = plan.map((line) => `  ${line}`);
  if (removes.length === 0) return { shape: 'busy', text: changed, details };
  const hint =
    asks && applyKey !== undefined
      ? `${applyKey} applies it`
      : `apply it with: ${again} up -d --remove-orphans`;
  return {
    shape: 'paused',
    text: `${changed}, which is not applied yet: it removes ${list(removes)}`,
    details: [...details, ...labelled('hint', hint, createPainter(colour), width)],
  };
}

function describeChanged(paths: readonly string[], directory: string): string {
  const [first = 'files', ...others] = paths.map((path) => shownPath(path, directory));
  return `${first}${others.length === 0 ? '' : ` and ${others.length} more`} changed`;
}

/** `rng/rng.py changed → rebuild rng`. */
export function describeBatch(
  { paths, services, responses }: FilesChanged,
  { directory, ascii }: NarrateOptions,
): string {
  const changed = describeChanged(paths, directory);
  if (services.length === 0) return changed;
  return `${changed} ${ascii ? '->' : '→'} ${list(responses.map((one) => orders[one]))} ${list(services)}`;
}

const orders: Readonly<Record<WatchResponse, string>> = {
  rebuild: 'rebuild',
  sync: 'sync',
  restart: 'restart',
  exec: 'run the command of',
};

/** What was done by an order if it was nothing but this. */
const verbs: Readonly<Partial<Record<PlannedStep['kind'], string>>> = {
  'start-container': 'started',
  'stop-container': 'stopped',
  'restart-container': 'restarted',
  'kill-container': 'killed',
  'pause-container': 'paused',
  'unpause-container': 'unpaused',
  'remove-container': 'removed',
};

/** Since when what was saved is what answers; the former container may take its time to end. */
export function tellServing(
  { id, at }: StepFinished & { readonly at: number },
  { plan, services }: View,
): readonly Notice[] {
  const step = plan?.steps.get(id);
  if (plan?.purpose !== 'change' || plan.ordered === true || step?.kind !== 'take-over') return [];
  const service = services.find(({ name }) => name === step.service);
  if (service?.change === undefined) return [];
  const replicas = plan.steps.of(service.name).filter(({ kind }) => kind === 'take-over');
  if (replicas.some(({ state }) => state !== 'done')) return [];
  const text = `runs the change ${formatDuration(at - service.change.at)} after the save`;
  return [{ shape: 'good', service: service.name, text }];
}

/** After a change was carried out: `rng rebuilt in 1.2s`. */
export function tellChange({ plan, services, watch }: View): readonly Notice[] {
  if (plan?.purpose !== 'change' || plan.failed > 0 || plan.total === 0) return [];
  const steps = [...plan.steps.values()].filter(
    (step) => step.service !== undefined && step.state === 'done',
  );
  const touched = new Set(
    steps.filter((step) => step.kind !== 'await-condition').map((step) => step.service ?? ''),
  );
  // The containers of a new image are a plan of their own.
  if (touched.size === 0 || steps.every((step) => step.kind === 'build-image')) return [];
  const isOrdered = plan.ordered === true;
  const changes = services.flatMap(({ name, change }) =>
    change && touched.has(name) && !isOrdered ? [change] : [],
  );
  const isRebuilt = changes.length > 0 && changes.every(({ responses }) => responses.includes('rebuild'));
  const kinds = new Set(steps.map(({ kind }) => kind).filter((kind) => !/^(?:await|run)-/.test(kind)));
  const [kind] = kinds;
  // What is removed is stopped before.
  const isEnd = kinds.has('remove-container') && !kinds.has('create-container');
  const only = isEnd ? 'removed' : kinds.size === 1 && kind !== undefined ? verbs[kind] : undefined;
  const verb = isRebuilt ? 'rebuilt' : ((isOrdered ? only : undefined) ?? 'updated');
  const ownTime = (plan.settledAt ?? plan.madeAt) - plan.madeAt;
  const took = isOrdered ? ownTime : (watch.last?.milliseconds ?? ownTime);
  const [service] = touched;
  const text = `${verb} in ${formatDuration(took)}`;
  if (touched.size === 1 && service !== undefined) return [{ shape: 'good', service, text }];
  return [{ shape: 'good', text: `${list([...touched])} ${text}` }];
}
