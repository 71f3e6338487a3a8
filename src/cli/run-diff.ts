import { compareEnvironments } from '../commands/diff.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { comparisonData, formatComparison } from '../report/comparison.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { tellMasked } from './secrets.ts';
import { tellPeople, wantsColour } from './tell.ts';

interface Options {
  readonly envFile?: readonly string[];
  readonly showSecrets?: true;
}

/** As with diff, the exit code says whether something differs. */
export async function runDiff(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { envFile: files = [], showSecrets } = given as Options;
  const [first, second, ...more] = files;
  if (first === undefined || more.length > 0) {
    throw failure({
      code: 'invalid-option',
      message: first === undefined ? 'diff needs an env file' : 'diff compares two env files, not more',
      hint: 'write stack diff --env-file a.env --env-file b.env; with one it is compared with what counts without it',
    });
  }
  const load = loadRequest(services, globals);
  const named = load.envFiles ?? [];
  const sides =
    second === undefined
      ? ([named, [...named, first]] as const)
      : ([
          [...named, first],
          [...named, second],
        ] as const);
  const { differences, warnings, masked } = await compareEnvironments(load, sides, showSecrets !== true);
  tellPeople(warnings, globals);
  const text =
    globals.json === true
      ? `${JSON.stringify(comparisonData(differences), undefined, 2)}\n`
      : formatComparison(differences, {
          colour: wantsColour(process.stdout, globals),
          directory: process.cwd(),
          names: second === undefined ? ['without it', first] : [first, second],
        });
  printData(text);
  tellMasked(masked);
  return differences.length === 0 ? succeeded : { exitCode: 1, problems: [] };
}
