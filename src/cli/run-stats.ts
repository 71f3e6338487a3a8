import type { Outcome } from '../commands/outcome.ts';
import { stats } from '../commands/stats.ts';
import { failure } from '../model/problem.ts';
import { formatStats } from '../report/stats.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { joinStack } from './run-ui.ts';
import { inSession } from './session.ts';

interface Options {
  readonly all?: true;
  readonly format: string;
  /** `--no-stream` */
  readonly stream: boolean;
  /** `--no-trunc` */
  readonly trunc: boolean;
}

export function runStats(
  [service]: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { all, format: written, stream, trunc } = given as Options;
  const format = globals.json === true ? 'json' : written || 'table';
  if (globals.ui === 'full') {
    refuseBeside('--format', written !== '');
    refuseBeside('--no-stream', !stream);
    refuseBeside('--no-trunc', !trunc);
    const services = service === undefined ? [] : [service];
    return joinStack(services, globals, { tail: 200 }, { opensOn: 'stats' });
  }
  const isRedrawn = stream && process.stdout.isTTY === true;
  return inSession(({ surroundings }) =>
    stats(
      {
        load: loadRequest([], globals, surroundings.signal),
        service,
        all: all === true,
        once: !stream,
      },
      (measured) => {
        const text = formatStats(measured, format, { whole: !trunc });
        process.stdout.write(isRedrawn ? redrawn(text) : text);
      },
      surroundings,
    ),
  );
}

function refuseBeside(flag: string, isGiven: boolean): void {
  if (!isGiven) return;
  throw failure({
    code: 'invalid-option',
    message: `${flag} and --ui full are incompatible`,
    hint: 'leave one of them out',
  });
}

/** Over what is there, from the top; what is left of it to the right and below goes. */
function redrawn(text: string): string {
  return `\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[J`;
}
