import type { EventHub, HeardRun } from './events.ts';
import type { EngineHttp } from './http.ts';
import { keepsContainers, meterOf } from './meter.ts';
import { sleep } from './sleep.ts';

/** How long a service has to stay up before it counts as running, in milliseconds. A program that fails at once does so sooner. */
export const settlingTime = 200;

/** The run of a container. Its beginning is waited for: it may be heard of a little after the engine's answer. */
export async function heardRun(
  hub: EventHub,
  name: string,
  signal: AbortSignal,
): Promise<HeardRun | undefined> {
  const known = hub.runOf(name);
  if (known !== undefined) return known;
  const heard = new AbortController();
  const unsubscribe = hub.subscribe({
    connected: () => {},
    notice: (notice) => notice.name === name && notice.action === 'start' && heard.abort(),
    lost: () => heard.abort(),
  });
  await sleep(settlingTime, AbortSignal.any([signal, heard.signal]));
  unsubscribe();
  return hub.runOf(name);
}

/**
 * Whether a container stays up for a moment, counted from its start: no call is needed for that. False if the engine has to be
 * asked: it has ended, or the connection was lost, or the signal was aborted.
 */
export async function staysUp(
  { host }: Pick<EngineHttp, 'host'>,
  hub: EventHub,
  run: HeardRun,
  signal: AbortSignal,
): Promise<boolean> {
  const doubt = new AbortController();
  const unsubscribe = hub.subscribe({
    connected: () => {},
    notice: ({ id, action }) => id === run.id && action === 'die' && doubt.abort(),
    lost: () => doubt.abort(),
  });
  const until = AbortSignal.any([signal, doubt.signal]);
  const seen = await watchStart(run, until, host === '127.0.0.1');
  if (seen === 'nothing') await sleep(run.began + settlingTime - performance.now(), until);
  if (seen === 'gone') await sleep(run.began + longestDoubt - performance.now(), until);
  if (seen === 'ended') await sleep(longestEnd, until);
  unsubscribe();
  return seen !== 'ended' && seen !== 'gone' && !until.aborted;
}

/** How often the kernel is asked, in milliseconds; at first, when most programs come to rest, more often. */
const every = 15;
const everyAtFirst = 5;
const beginning = 25;
/**
 * How long a container has to do nothing at all until it counts as having started, in milliseconds: programs that fail when they
 * start do not rest before. One that talks to others may rest until they have said what it fails at.
 */
const restingTime = { nothing: 10, 'next-words': 50 } as const;
/** How long it is waited for what others are to answer, in milliseconds. */
const longestAnswer = 500;
/** How long one that is given too little of the processors may take, in milliseconds. */
const longestStart = 2000;
/** How long the engine may take to tell of the end of a process, in milliseconds; and where it is not sure that it has ended. */
const longestEnd = 5000;
const longestDoubt = 600;

/**
 * What the kernel tells of a start: programs that fail at that are at work, or wait for processors and disks, until they end, so one
 * that waits for something else, and has done so for a while, has started. So has one that has worked for long enough. On a busy
 * machine that may be a while, and the engine may tell of an end long after it.
 */
async function watchStart(
  { id, began }: HeardRun,
  signal: AbortSignal,
  isHere: boolean,
): Promise<'stays' | 'ended' | 'gone' | 'nothing'> {
  const meter = await meterOf(id);
  if (meter === undefined) return isHere && (await keepsContainers()) ? 'gone' : 'nothing';
  const first = await meter.used();
  let known = first;
  let since = performance.now();
  let asking: number | undefined;
  while (!signal.aborted) {
    const used = await meter.used();
    if (first === undefined || used === undefined) return 'ended';
    const now = performance.now();
    if (used !== known) since = now;
    known = used;
    const isOver = now - began >= settlingTime;
    const rested = now - since;
    if (isOver || rested >= restingTime.nothing) {
      const threads = await meter.threads();
      if (threads.length === 0) return 'ended';
      if (threads.every((state) => state === 'S')) {
        const expected = await meter.expects();
        asking = expected === 'answer' ? (asking ?? now) : undefined;
        const isDone = expected !== 'answer' && (isOver || rested >= restingTime[expected]);
        if (isDone || (asking !== undefined && now - asking >= longestAnswer)) return 'stays';
      } else if (isOver && used - first >= settlingTime) return 'stays';
      if (now - began >= longestStart) return 'stays';
    }
    const pause = now - began < beginning ? everyAtFirst : every;
    const left = restingTime.nothing - rested;
    await sleep(left > 0 ? Math.min(pause, left) : pause, signal);
  }
  return 'nothing';
}
