import { dependants, describeEnd, describeLoop, hintFor } from '../exits.ts';
import { createPainter } from '../paint.ts';
import { labelled } from '../problems.ts';
import type { ReplicaView, ServiceView, View } from '../view.ts';
import { formatDuration } from '../words.ts';
import { list, type NarrateOptions, type Notice } from './notice.ts';

/** What a container did by itself. What we make it do is told by the steps. */
export function tellContainer(
  { service: name, number }: { service: string; number: number },
  before: View,
  after: View,
  options: NarrateOptions,
): readonly Notice[] {
  const service = after.services.find((other) => other.name === name);
  const now = replicaOf(service, number);
  const former = replicaOf(
    before.services.find((other) => other.name === name),
    number,
  );
  const was = former?.id === now?.id ? former : undefined;
  if (service === undefined || now === undefined) return [];
  if (now.state === was?.state && !isWorthTellingAgain(now, was)) return [];
  const who = service.replicas.length > 1 ? `${name}-${number} ` : '';
  const say = (text: string, shape: Notice['shape'], details: readonly string[] = []): readonly Notice[] => [
    { shape, service: name, text: `${who}${text}`, ...(details.length === 0 ? {} : { details }) },
  ];
  const took = now.startedAt === undefined ? '' : ` after ${formatDuration(now.since - now.startedAt)}`;
  switch (now.state) {
    case 'healthy':
      if (was === undefined) return [];
      if (was.state === 'paused') return say('goes on', 'good');
      if (runsAgain(now, was)) return say('runs again', 'good');
      if (was.state === 'unhealthy' && now.wasHealthy)
        return say(`healthy again after ${formatDuration(now.since - was.since)}`, 'good');
      return say(`healthy${took}`, 'good');
    case 'unhealthy':
      // The step that waited for it has told why.
      return service.failure?.code === 'service-unhealthy' ? [] : say('unhealthy', 'bad');
    case 'failed':
      // Found in this state: it is about to be started, or was left so by someone else.
      if (was === undefined || was.state === 'failed') return [];
      // Nor is it told twice: someone waited for it, and was told first.
      if (service.failure?.code === 'service-exited') return [];
      return say(
        `failed${took}: ${describeEnd(now, service.tail)}`,
        'bad',
        adviceFor(service, now, after, options),
      );
    case 'done':
      return was === undefined ? [] : say(`done${took}`, 'done');
    case 'restarting':
      return say(`restarting: ${describeEnd(now, service.tail)}`, 'busy');
    case 'looping':
      return say(describeLoop(now, service.tail), 'bad', adviceFor(service, now, after, options));
    case 'running':
      if (was?.state === 'paused') return say('goes on', 'good');
      return runsAgain(now, was) ? say('runs again', 'good') : [];
    case 'paused':
      return say('paused', 'paused');
    case 'stopped':
      return was === undefined || now.leaving ? [] : say('stopped', 'idle');
    case 'gone':
      return was === undefined || now.leaving ? [] : say('was removed', 'idle');
    case 'starting':
      return runsAgain(now, was) ? say('runs again', 'good') : [];
    case 'waiting':
    case 'stopping':
      return [];
  }
}

/** Whether it has come back since, and not only before anyone looked. */
function runsAgain(now: ReplicaView, was: ReplicaView | undefined): boolean {
  return was !== undefined && now.restarts - now.unseen > was.restarts - was.unseen;
}

/** Of a crash loop every doubling is told, not every crash; and that it runs again although nobody saw it end. */
function isWorthTellingAgain(now: ReplicaView, was: ReplicaView): boolean {
  if (now.state !== 'looping') return runsAgain(now, was);
  const { quickEnds } = now;
  const isDoubled = (quickEnds & (quickEnds - 1)) === 0;
  return quickEnds !== was.quickEnds && isDoubled;
}

/** What a failure means for others, and what can be done about it. */
function adviceFor(
  service: ServiceView,
  replica: ReplicaView,
  view: View,
  { colour, width, again = 'stack' }: NarrateOptions,
): readonly string[] {
  const paint = createPainter(colour);
  const others = dependants(service.name, view);
  const hint = hintFor(replica, service) ?? `see what it wrote: ${again} logs ${service.name}`;
  return [
    ...(others.length === 0 ? [] : [`  needed by ${list(others)}`]),
    ...labelled('hint', hint, paint, width),
  ];
}

function replicaOf(service: ServiceView | undefined, number: number): ReplicaView | undefined {
  return service?.replicas.find((replica) => replica.number === number);
}
