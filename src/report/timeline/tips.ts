import { formatDuration } from '../words.ts';
import type { Bar, Phase, ServiceTimeline, Timeline } from './timeline.ts';

/** How often the engine tests the health of services, in milliseconds, by their names. */
export type HealthIntervals = Readonly<Record<string, number>>;

/** What is not worth a word of advice. */
const bearable = 1000;
/** Fewer former runs say nothing about what is usual. */
const fewest = 3;
const slower = 1.5;
const mostTips = 4;

/** What made the start as long as it was, or longer than usual, and what can be done; the weightiest first. */
export function tipsFor(
  timeline: Timeline,
  former: readonly Timeline[],
  intervals: HealthIntervals,
): readonly string[] {
  const tips = timeline.services.flatMap((service) => [
    ...comparedTips(service, former),
    ...buildTips(service),
    ...waitTips(service, intervals[service.service]),
  ]);
  return tips
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, mostTips)
    .map(({ text }) => text);
}

interface Tip {
  readonly text: string;
  /** Milliseconds that it is about. */
  readonly weight: number;
}

/** How long the project usually takes: the median of former runs; undefined of too few. */
export function usualTotal(former: readonly Timeline[]): number | undefined {
  return former.length < fewest ? undefined : median(former.map(({ total }) => total));
}

function comparedTips(service: ServiceTimeline, former: readonly Timeline[]): readonly Tip[] {
  const phases: readonly Phase[] = ['pull', 'build', 'start', 'ready'];
  return phases.flatMap((phase) => {
    const now = spentOn(phase, service);
    const before = former.flatMap(({ services }) => {
      const same = services.find((other) => other.service === service.service);
      return same === undefined || spentOn(phase, same) === 0 ? [] : [spentOn(phase, same)];
    });
    if (before.length < fewest) return [];
    const usual = median(before);
    if (now < usual * slower || now - usual < bearable) return [];
    const text = `${service.service}: ${nouns[phase]} took ${formatDuration(now)}, usually ${formatDuration(usual)}`;
    return [{ text, weight: now - usual }];
  });
}

const nouns: Readonly<Record<Phase, string>> = {
  pull: 'its pull',
  build: 'its build',
  create: 'its creation',
  start: 'its start',
  ready: 'becoming ready',
};

function buildTips({ service, bars }: ServiceTimeline): readonly Tip[] {
  return bars.flatMap(({ slowest, critical }) => {
    if (slowest === undefined || !critical || slowest.milliseconds < bearable * 2) return [];
    const text = `${service}: the build spent ${formatDuration(slowest.milliseconds)} on ${slowest.name}; what it needs, copied alone before it, lets it stay in the cache`;
    return [{ text, weight: slowest.milliseconds }];
  });
}

/** A service that no one waits for is known to be healthy only when the engine has tested it. */
function waitTips({ service, bars }: ServiceTimeline, interval: number | undefined): readonly Tip[] {
  const wait = bars.findLast(({ phase }) => phase === 'ready');
  if (wait === undefined) return [];
  const took = wait.to - wait.from;
  if (interval !== undefined && interval >= bearable && isOnInterval(wait, interval)) {
    const text = `${service} is ready up to ${formatDuration(interval)} late because its healthcheck interval is ${formatDuration(interval)}; \`start_interval: 500ms\` with a \`start_period\` shortens that`;
    return [{ text, weight: took }];
  }
  if (!wait.critical || took < bearable * 3) return [];
  const text = `${service} needs ${formatDuration(took)} to become ready, and others wait for it`;
  return [{ text, weight: took }];
}

function isOnInterval({ from, to, critical }: Bar, interval: number): boolean {
  const rest = (to - from) % interval;
  return !critical && to - from >= interval * 0.9 && (rest < interval * 0.2 || rest > interval * 0.9);
}

function spentOn(phase: Phase, { bars }: ServiceTimeline): number {
  return bars.filter((bar) => bar.phase === phase).reduce((sum, { from, to }) => sum + to - from, 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
