import { ProblemsError } from '../../model/problem.ts';
import { sanitiseField, sanitiseLine } from '../../report/sanitise.ts';
import type { Desk, Subject } from '../desk.ts';
import type { Reading } from './world.ts';

/** What was looked up, and is looked up again when it may have changed. */
export interface Readings {
  get(subject: Subject, service: string): Reading | undefined;
  /** This is shown now; `stamp` tells whether it may be otherwise than the last time. What else is under way is given up. */
  want(subjects: readonly Subject[], service: string, stamp: string): void;
  stop(): void;
}

interface Entry {
  readonly reading: Reading;
  readonly stamp: string;
  readonly abort: AbortController;
}

const mostKept = 50;

export function createReadings(desk: Desk | undefined, colour: boolean, onChange: () => void): Readings {
  const entries = new Map<string, Entry>();
  const nameOf = (subject: Subject, service: string): string => `${subject} ${service}`;

  const look = async (subject: Subject, service: string, stamp: string, from: Desk): Promise<void> => {
    const name = nameOf(subject, service);
    const before = entries.get(name)?.reading;
    const abort = new AbortController();
    const keep = (reading: Reading): void => {
      if (abort.signal.aborted) return;
      entries.set(name, { reading, stamp, abort });
      onChange();
    };
    entries.delete(name);
    entries.set(name, { reading: { lines: before?.lines ?? [], pending: true }, stamp, abort });
    try {
      const lines = await from.read(subject, service, abort.signal);
      keep({ lines: lines.map((line) => sanitiseLine(line, { colour })), pending: false });
    } catch (error) {
      keep({ lines: before?.lines ?? [], pending: false, problem: describeError(error) });
    }
  };

  return {
    get: (subject, service) => entries.get(nameOf(subject, service))?.reading,
    want(subjects, service, stamp) {
      const wanted = new Set(subjects.map((subject) => nameOf(subject, service)));
      for (const [name, { reading, abort }] of entries) {
        if (wanted.has(name)) continue;
        if (reading.pending) abort.abort();
        if (reading.pending || entries.size > mostKept) entries.delete(name);
      }
      if (desk === undefined) return;
      for (const subject of subjects) {
        const entry = entries.get(nameOf(subject, service));
        if (entry !== undefined && (entry.reading.pending || entry.stamp === stamp)) continue;
        void look(subject, service, stamp, desk);
      }
    },
    stop() {
      for (const { abort } of entries.values()) abort.abort();
      entries.clear();
    },
  };
}

/** Why something could not be done, in one line. */
export function describeError(error: unknown): string {
  if (error instanceof ProblemsError) {
    return error.problems
      .map(({ message, hint }) => sanitiseField(hint === undefined ? message : `${message} (${hint})`))
      .join('; ');
  }
  return sanitiseField(error instanceof Error ? error.message : String(error));
}
