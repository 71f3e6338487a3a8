import { isatty } from 'node:tty';
import { demandsIn } from '../commands/demands.ts';
import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Demand } from '../model/demand.ts';
import { failure } from '../model/problem.ts';
import { originOf } from '../model/stack.ts';
import { formatLocation } from '../report/problems.ts';
import { formatTable } from '../report/table.ts';
import type { GlobalOptions } from './program.ts';
import { questionsOn } from './questions.ts';
import { isUnattended } from './tell.ts';
import { agree, userTrust } from './trusted.ts';

/**
 * On a terminal: says what a stack asks for that reaches beyond its containers and its folder, and asks whether it may
 * have that, if that was not answered before. Throws `not-trusted` if it may not. Elsewhere whoever makes it refuses.
 */
export async function confirmDemands(
  load: LoadRequest,
  globals: GlobalOptions,
  signal: AbortSignal,
  concerns: (demand: Demand) => boolean = () => true,
): Promise<void> {
  const trust = userTrust();
  const stream = process.stdout.isTTY === true ? process.stdout : process.stderr;
  if (trust === undefined || globals.json === true || isUnattended(globals)) return;
  // To open the stream for that takes a while.
  if (stream.isTTY !== true || !isatty(0)) return;
  // What is wrong with the files is told by who loads them.
  const loaded = await loadStack(load).catch(() => undefined);
  if (loaded === undefined) return;
  const { stack } = loaded;
  const demands = demandsIn(loaded, trust).filter(concerns);
  if (demands.length === 0 || (await trust.agrees(stack.directory, demands))) return;
  const rows = demands.map(({ service, path: at, what }) => {
    const location = originOf(stack, at);
    return [location === undefined ? '' : formatLocation(location, process.cwd()), service, what];
  });
  const questions = questionsOn(stream, signal);
  const isFine = await questions.ask(
    `${stack.name} asks for more than containers of its own and its folder:\n${formatTable(rows, { least: 0, gap: 2 })}Who wrote its files can get at your machine by that. Let it have that? [y/N] `,
  );
  questions.end();
  if (!isFine) throw refused(stack.name);
  await agree(stack.directory, demands);
}

function refused(project: string) {
  return failure({
    code: 'not-trusted',
    message: `${project} was not brought up: it may not have what it asks for`,
    hint: 'take that out of its files, or answer y once you trust them',
  });
}
