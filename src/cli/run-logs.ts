import { logs } from '../commands/logs.ts';
import type { Outcome } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { inLittleRoom } from './memory.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readNumber, readTime } from './read-options.ts';
import { joinStack } from './run-ui.ts';
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
  readonly index?: string;
}

export function runLogs(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  if (options.follow === true && globals.ui !== undefined) return showLogs(services, options, globals);
  return inSession((session) => {
    const { listener, print } = plainScreen(globals, { logPrefix: options.logPrefix });
    session.listen(listener);
    const { surroundings } = session;
    const request = {
      load: loadRequest(services, globals, surroundings.signal),
      follow: options.follow === true,
      timestamps: options.timestamps === true,
      tail: readTail(options.tail),
      index: readNumber('--index', options.index) ?? 0,
      ...(print === undefined ? {} : { print }),
      ...(options.since === undefined ? {} : { since: readTime(options.since) }),
      ...(options.until === undefined ? {} : { until: readTime(options.until) }),
    };
    return inLittleRoom(() => logs(request, surroundings));
  });
}

/** On the screens, which have times and filters of their own. */
function showLogs(services: readonly string[], options: Options, globals: GlobalOptions): Promise<Outcome> {
  const { tail, since, until, index, timestamps, logPrefix } = options;
  const others = { until, index, timestamps, 'no-log-prefix': logPrefix ? undefined : true };
  for (const [flag, value] of Object.entries(others)) {
    if (value === undefined) continue;
    throw failure({
      code: 'invalid-option',
      message: `--${flag} and --ui ${globals.ui} are incompatible`,
      hint: 'leave one of them out; the screens have keys for it',
    });
  }
  const past = { tail: readTail(tail), ...(since === undefined ? {} : { since: readTime(since) }) };
  return joinStack(services, globals, past, {});
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
