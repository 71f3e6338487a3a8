import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { keepFile, placeOf } from '../docker/places.ts';
import type { Event } from '../model/event.ts';
import { createStore } from '../report/store.ts';
import { type Timeline, timelineOf } from '../report/timeline/timeline.ts';
import type { HealthIntervals } from '../report/timeline/tips.ts';

/** One start that was kept, with what its tips need to know. */
export interface KeptStart {
  readonly timeline: Timeline;
  readonly intervals: HealthIntervals;
}

/** How many starts of a project are kept. */
const kept = 10;
const form = 1;

/** Listens to a start and keeps how it went, once all services are ready or when the command ends. */
export interface StartRecorder {
  readonly listener: (event: Event) => void;
  /** Resolves once what is to be kept is; that it cannot be is no failure of the command. */
  close(): Promise<void>;
}

/** What tells nothing of a start, and comes in masses. */
const masses: ReadonlySet<Event['type']> = new Set(['logs-written', 'container-measured']);

export function recordStart(): StartRecorder {
  const store = createStore();
  let isReady = false;
  let keeping: Promise<void> | undefined;
  const keep = (): void => {
    const view = store.getView();
    const timeline = timelineOf(view, Date.now());
    if (timeline === undefined || timeline.running) return;
    const intervals = view.services.flatMap(({ name, healthInterval }) =>
      healthInterval === undefined ? [] : [[name, healthInterval] as const],
    );
    const start = { timeline, intervals: Object.fromEntries(intervals) };
    keeping = keepStart(view.directory, start).catch(() => {});
  };
  return {
    listener(event) {
      if (keeping !== undefined || masses.has(event.type)) return;
      const { after } = store.dispatch(event);
      isReady ||= event.type === 'stack-ready';
      if (isReady && after.ready === after.services.length) keep();
    },
    async close() {
      if (isReady && keeping === undefined) keep();
      await keeping;
    },
  };
}

/** The starts of a project that were kept, oldest first. */
export async function readStarts(directory: string, project: string): Promise<readonly KeptStart[]> {
  try {
    const read = JSON.parse(await readFile(fileOf(directory, project), 'utf8'));
    return read.v === form && Array.isArray(read.starts) ? read.starts : [];
  } catch {
    // None were kept, or by a version with another form.
    return [];
  }
}

async function keepStart(directory: string, start: KeptStart): Promise<void> {
  const { project } = start.timeline;
  const file = fileOf(directory, project);
  const starts = [...(await readStarts(directory, project)), start].slice(-kept);
  await keepFile(file, `${JSON.stringify({ v: form, starts })}\n`);
}

function fileOf(directory: string, project: string): string {
  const name = createHash('sha256').update(`${directory}\n${project}`).digest('hex').slice(0, 32);
  return path.join(placeOf('state'), 'starts', `${name}.json`);
}
