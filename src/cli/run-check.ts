import { check } from '../commands/check.ts';
import { type Outcome, outcomeOf } from '../commands/outcome.ts';
import { jsonLine } from '../report/json.ts';
import { withoutSecrets } from '../report/problems.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { tellPeople } from './tell.ts';

interface Options {
  readonly strict?: true;
}

export async function runCheck(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { strict } = given as Options;
  const problems = await check(loadRequest(services, globals));
  if (globals.json === true) process.stdout.write(jsonLine({ v: 1, problems: problems.map(withoutSecrets) }));
  else if (problems.length > 0) tellPeople(problems, globals);
  else if (process.stdout.isTTY === true) process.stdout.write('no problems\n');
  return strict === true && problems.length > 0 ? { exitCode: 1, problems } : outcomeOf(problems);
}
