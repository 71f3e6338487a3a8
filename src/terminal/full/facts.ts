import { addressesOfService } from '../../report/addresses.ts';
import { lookOf } from '../../report/shapes.ts';
import { isBad } from '../../report/state.ts';
import { describeDetail } from '../../report/summary.ts';
import type { ReplicaView, ServiceView, View } from '../../report/view.ts';
import { formatDuration, formatElapsed, formatTime } from '../../report/words.ts';
import { layOutRows } from '../logs/rows.ts';
import { fitLine, fitRows, type Line, type Span } from '../spans.ts';
import { shortElapsed } from './services.ts';
import { sparkline } from './sparkline.ts';
import type { Selected } from './tree.ts';
import { formatMemory, formatPercent, isShort, usageOf } from './usage.ts';

export interface FactsOptions {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly ascii: boolean;
}

/** What is known of the selected service, below the list: exactly `rows` lines of `columns`. */
export function layOutFacts(
  view: View,
  selected: Selected | undefined,
  { columns, rows, now, ascii }: FactsOptions,
): readonly Line[] {
  const service = view.services.find(({ name }) => name === selected?.service);
  const mark = ascii ? '~' : '…';
  if (service === undefined || rows === 0)
    return fitRows([], rows).map((line) => fitLine(line, columns, mark));
  const replica = service.replicas.find(({ number }) => number === selected?.number) ?? service.replicas[0];
  const who = selected?.number === undefined ? service.name : `${service.name}-${selected.number}`;
  const rule = (ascii ? '-' : '─').repeat(Math.max(0, columns));
  const title: Line = [
    { text: ascii ? '- ' : '─ ', style: 'dim' },
    { text: who, style: 'bold' },
    { text: ` ${rule}`, style: 'dim' },
  ];
  const lines = [...factLines(service, replica, view, now, ascii)].flatMap((line) =>
    layOutRows(line, { width: Math.max(1, columns - 1), wrap: true, left: 0, ascii }),
  );
  return fitRows([title, ...lines.map((line): Line => [{ text: ' ' }, ...line])], rows).map((line) =>
    fitLine(line, columns, line === title ? '' : mark),
  );
}

/** What matters most comes first: what lies below the last row is not seen. */
function factLines(
  service: ServiceView,
  replica: ReplicaView | undefined,
  view: View,
  now: number,
  ascii: boolean,
): readonly Line[] {
  const { failure, build, change } = service;
  const used = usageOf(service);
  const addresses = addressesOfService(service);
  const dot = ascii ? ' - ' : ' · ';
  // Of those that are well the rows below say the same.
  const isTold = service.state !== 'waiting' && !isBad(service.state) && service.state !== 'skipped';
  const said = isTold || failure !== undefined ? '' : describeDetail(service, view);
  return [
    ...(failure === undefined ? [] : [fact('failed', { text: failure.message, style: 'red' })]),
    ...(failure?.hint === undefined ? [] : [fact('hint', { text: failure.hint })]),
    ...(said === '' ? [] : [fact(isBad(service.state) ? 'because' : '', { text: said })]),
    // Of what does not run any more it says nothing.
    ...(replica?.probe === undefined || replica.container !== 'running' ? [] : [probeOf(replica.probe)]),
    ...(addresses.length === 0
      ? []
      : [
          fact(
            'at',
            ...addresses.map(
              ({ text, url }): Span =>
                url === undefined
                  ? { text: `${text} ` }
                  : { text: `${text} `, style: 'underline', link: url },
            ),
          ),
        ]),
    ...(used === undefined
      ? []
      : [
          fact('cpu', {
            text: `${formatPercent(used.cpuPercent).padStart(4)} ${sparkline(used.cpuHistory, 20, { most: Math.max(100, ...used.cpuHistory), ascii })}`,
          }),
          fact('memory', {
            text: formatMemory(used),
            ...(isShort(used) ? { style: 'red' as const } : {}),
          }),
        ]),
    ...(service.dependsOn.length === 0 ? [] : [fact('needs', ...neededBy(service, view, ascii))]),
    fact(
      'image',
      { text: service.image },
      ...(build === undefined ? [] : [{ text: `${dot}${describeBuild(build, now)}` }]),
    ),
    ...(change === undefined
      ? []
      : [fact('saved', { text: `${formatTime(change.at)}, led to ${change.responses.join(', ')}` })]),
    ...(replica === undefined ? [] : [fact('container', { text: describeRun(replica, now, dot) })]),
  ];
}

const labelWidth = 10;

function fact(label: string, ...spans: readonly Span[]): Line {
  return [{ text: label.padEnd(labelWidth), style: 'dim' }, ...spans];
}

function probeOf({ probe, passed, said }: NonNullable<ReplicaView['probe']>): Line {
  const word: Span = passed ? { text: 'passed', style: 'green' } : { text: 'failed', style: 'red' };
  return fact('probe', { text: `${probe} ` }, word, { text: said === '' ? '' : `: ${said}` });
}

function neededBy({ dependsOn }: ServiceView, { services }: View, ascii: boolean): readonly Span[] {
  return dependsOn.flatMap((name): Span[] => {
    const needed = services.find((other) => other.name === name);
    if (needed === undefined) return [{ text: `${name} ` }];
    const { shape, style } = lookOf(needed.state, ascii);
    return [{ text: shape, style }, { text: ` ${name}  ` }];
  });
}

function describeBuild(
  { state, milliseconds, startedAt }: NonNullable<ServiceView['build']>,
  now: number,
): string {
  if (state === 'running') return `building for ${formatElapsed(now - (startedAt ?? now))}`;
  if (state === 'failed') return 'the last build failed';
  if (state !== 'done' || startedAt === undefined) return 'not built yet';
  const took = milliseconds === undefined ? '' : ` in ${formatDuration(milliseconds)}`;
  return `built at ${formatTime(startedAt + (milliseconds ?? 0))}${took}`;
}

function describeRun(
  { name, id, startedAt, container, restarts }: ReplicaView,
  now: number,
  dot: string,
): string {
  const up =
    container === 'running' && startedAt !== undefined ? [`up ${shortElapsed(now - startedAt)}`] : [];
  const again = restarts === 0 ? [] : [`restarts ${restarts}`];
  return [name, id.slice(0, 12), ...up, ...again].join(dot);
}
