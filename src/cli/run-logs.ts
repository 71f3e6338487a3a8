import { logs } from '../commands/logs.ts';
import type { Outcome } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { plainScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly follow?: true;
  readonly tail: string;
  readonly timestamps?: true;
  readonly since?: string;
  readonly until?: string;
  /** `--no-log-prefix` */
  readonly logPrefix: boolean;
}

export function runLogs(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(plainScreen(globals, { logPrefix: options.logPrefix }).listener);
    const { surroundings } = session;
    return logs(
      {
        load: loadRequest(services, globals, surroundings.signal),
        follow: options.follow === true,
        timestamps: options.timestamps === true,
        tail: readTail(options.tail),
        ...(options.since === undefined ? {} : { since: readTime(options.since) }),
        ...(options.until === undefined ? {} : { until: readTime(options.until) }),
      },
      surroundings,
    );
  });
}

function readTail(text: string): number | 'all' {
  if (text === 'all') return 'all';
  if (/^\d+$/.test(text)) return Number(text);
  throw failure({
    code: 'invalid-option',
    message: `--tail ${text} is not a number of lines`,
    hint: 'give a number, or all',
  });
}

/** The engine takes seconds since 1970; people write a date, or a duration that lies in the past. */
function readTime(text: string): string {
  const duration = [...text.matchAll(/(\d+(?:\.\d+)?)(s|m|h|d)/g)];
  if (duration.length > 0 && duration.map(([part]) => part).join('') === text) {
    const seconds = { s: 1, m: 60, h: 3600, d: 86_400 };
    const ago = duration.reduce((sum, [, amount, unit]) => sum + Number(amount) * seconds[unit as 's'], 0);
    return String(Date.now() / 1000 - ago);
  }
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return String(milliseconds / 1000);
  throw failure({
    code: 'invalid-option',
    message: `${text} is neither a time nor a duration`,
    hint: 'write a time as 2026-01-02T13:23:37Z, or a duration as 42m',
  });
}
