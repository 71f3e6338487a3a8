import { addressesOfService } from './addresses.ts';
import { dependants, describeEnd, describeLoop, hintFor } from './exits.ts';
import type { NarrateOptions } from './narrate/notice.ts';
import { createPainter, type Painter } from './paint.ts';
import { causeOf, formatLocation, labelled } from './problems.ts';
import { lookOf } from './shapes.ts';
import { isBad, waitsFor } from './state.ts';
import type { ServiceView, View } from './view.ts';
import { clip, pad, widthOfNames, wrapWords } from './width.ts';
import { formatDuration } from './words.ts';

const shownWords = 20;

export interface SummaryOptions extends NarrateOptions {
  /** The rows of services are cut to it; without it they are as long as they are. */
  readonly columns?: number;
  /** Without the reasons of failures: where nothing scrolls away they were told a few lines before. */
  readonly brief?: boolean;
}

/**
 * What stays on the screen when a command ends: each service with its state and where it answers, for those that failed
 * why and what they said last, and how to go on. Of what was stopped as asked only how to go on; empty when nothing was begun.
 */
export function formatSummary(view: View, options: SummaryOptions): string {
  const paint = createPainter(options.colour);
  const failed = view.services.filter((service) => isBad(service.state));
  if (view.services.length === 0 || view.plan === undefined) return '';
  // All went as it was asked to; only how to go on is worth a line.
  if (view.phase === 'stopped' && failed.length === 0)
    return goOn(view, options, paint)
      .filter((line) => line !== '')
      .map((line) => `${line}\n`)
      .join('');
  const lines = [
    '',
    `${paint.bold(view.name)}  ${describeReady(view)}`,
    ...table(view, options, paint),
    ...(options.brief === true ? [] : failed.flatMap((service) => explain(service, view, options, paint))),
    ...goOn(view, options, paint),
  ];
  return `${lines.join('\n')}\n`;
}

/** `4/5 ready`; what is stopped is not ready, though jobs are done and what others use may run on. */
export function describeReady({ phase, ready, services }: View): string {
  return phase === 'stopped' ? 'stopped' : `${ready}/${services.length} ready`;
}

function table(view: View, { ascii, columns = Infinity }: SummaryOptions, paint: Painter): readonly string[] {
  const rows = view.services.map((service) => ({
    service,
    look: lookOf(service.state, ascii),
    detail: service.state === 'failed' ? describeFailed(service) : describeDetail(service, view),
  }));
  const nameWidth = widthOfNames(rows.map(({ service }) => service.name));
  const wordWidth = Math.max(...rows.map(({ look }) => look.word.length));
  return rows.map(({ service, look, detail }) => {
    const state = `  ${look.shape} ${pad(service.name, nameWidth)}  ${look.word.padEnd(wordWidth)}`;
    // The last column stays free: terminals differ in what they do when it is written to.
    const row = clip(`${state}  ${detail}`, columns - 1, ascii ? '~' : '…');
    const [start, end] = [row.slice(0, state.length), row.slice(state.length)];
    return `${paint[look.style](start)}${end}`.trimEnd();
  });
}

/** What a state alone does not say: why it failed, what it waits for, where it answers. */
export function describeDetail(service: ServiceView, view: View): string {
  const { state, replicas } = service;
  if (state === 'failed') return describeCause(service);
  if (state === 'looping') {
    const replica = replicas.find((other) => other.state === 'looping');
    return replica === undefined ? '' : describeLoop(replica, service.tail);
  }
  if (state === 'skipped') return describeMissing(service, view);
  if (state === 'waiting') {
    const waits = waitsFor(service.name, view);
    return waits.length === 0 ? '' : `waits for ${waits.join(', ')}`;
  }
  if (state === 'restarting') {
    const replica = replicas.find((other) => other.state === 'restarting');
    return replica === undefined ? '' : describeEnd(replica, service.tail);
  }
  const running = replicas.filter((replica) => replica.container === 'running');
  const present = replicas.filter((replica) => replica.container !== 'gone');
  const count = present.length > 1 ? [`${running.length}/${present.length}`] : [];
  const restarts = replicas.reduce((sum, replica) => sum + replica.restarts, 0);
  const restarted = restarts === 0 ? [] : [`restarted ${restarts === 1 ? 'once' : `${restarts} times`}`];
  const addresses = addressesOfService(service).map(({ text }) => text);
  return [...count, ...addresses, ...restarted].join('  ');
}

/** What the row of a service that failed says; what went wrong with a step was told when it did, or is below. */
function describeFailed(service: ServiceView): string {
  if (service.replicas.some(({ state }) => state === 'failed')) return describeCause(service);
  return runsOn(service) ? formerRuns : '';
}

/** Why a service was not started at all. */
function describeMissing({ dependsOn }: ServiceView, { services }: View): string {
  const missing = services.filter(
    ({ name, state }) => dependsOn.includes(name) && (isBad(state) || state === 'skipped'),
  );
  return missing.length === 0 ? '' : `needs ${missing.map(({ name }) => name).join(', ')}`;
}

const formerRuns = 'the former container runs on';

/** Why a service failed, in a few words. */
function describeCause(service: ServiceView): string {
  const { failure, replicas } = service;
  const replica = replicas.find((other) => other.state === 'failed');
  if (replica !== undefined) {
    const { startedAt, since } = replica;
    const took = startedAt === undefined ? '' : ` after ${formatDuration(since - startedAt)}`;
    return `${describeEnd(replica, service.tail)}${took}`;
  }
  return `${failure?.message ?? ''}${runsOn(service) ? `; ${formerRuns}` : ''}`;
}

/** What could not be built or pulled has changed nothing. */
function runsOn({ failure, replicas }: ServiceView): boolean {
  return (
    failure !== undefined &&
    ['build-failed', 'missing-build-file', 'image-not-found', 'registry-unreachable'].includes(
      failure.code,
    ) &&
    replicas.some((other) => other.container === 'running')
  );
}

function explain(
  service: ServiceView,
  view: View,
  { ascii, directory, columns = Infinity }: SummaryOptions,
  paint: Painter,
): readonly string[] {
  const { shape } = lookOf(service.state, ascii);
  const { failure } = service;
  const replica = service.replicas.find(({ state }) => isBad(state));
  const said = lastWords(service);
  const hint = replica === undefined ? failure?.hint : (hintFor(replica, service) ?? failure?.hint);
  const others = dependants(service.name, view);
  const place = failure?.location === undefined ? '' : ` (${formatLocation(failure.location, directory)})`;
  const message = failure === undefined ? describeDetail(service, view) : `${failure.message}${place}`;
  return [
    '',
    ...wrapWords(`${paint.red(`${shape} ${service.name}`)}  ${message}`, columns, '  '),
    ...said.flatMap((line) => wrapWords(`  ${paint.dim('|')} ${line}`, columns, `  ${paint.dim('|')}   `)),
    ...(others.length === 0 ? [] : [`  needed by ${others.join(', ')}`]),
    ...(hint === undefined ? [] : labelled('hint', hint, paint, columns)),
  ];
}

/** What the program that failed said last: the service itself, or what was to make it. */
function lastWords({ failure, replicas, tail }: ServiceView): readonly string[] {
  if (failure === undefined || replicas.some((replica) => isBad(replica.state))) {
    return tail.map(({ text }) => text);
  }
  return causeOf(failure)
    .filter((line) => line !== '')
    .slice(-shownWords);
}

function goOn({ services }: View, { again = 'stack' }: SummaryOptions, paint: Painter): readonly string[] {
  // What was removed has no logs any more.
  const spoke = services.filter(({ replicas }) =>
    replicas.some((replica) => isBad(replica.state) && replica.container !== 'gone'),
  );
  const alive = services.some(({ replicas }) => replicas.some((replica) => replica.container === 'running'));
  const left = services.some(({ replicas }) => replicas.some(({ container }) => container !== 'gone'));
  const orders = [
    ...(left ? [[`${again} logs`, ...spoke.map(({ name }) => name)].join(' ')] : []),
    ...(alive || !left ? [] : [`${again} up`]),
    ...(left ? [`${again} down`] : []),
  ];
  return orders.length === 0 ? [] : ['', paint.dim(`go on with: ${orders.join(', ')}`)];
}
