import type { Outcome } from '../commands/outcome.ts';
import { publish } from '../commands/publish.ts';
import { failure } from '../model/problem.ts';
import { sanitiseLine } from '../report/sanitise.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { registries } from './registries.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly app?: true;
  readonly insecureRegistry?: true;
  readonly ociVersion?: string;
  readonly resolveImageDigests?: true;
  readonly withEnv?: true;
  readonly yes?: true;
  readonly y?: true;
  readonly dryRun?: true;
}

export function runPublish(
  [repository = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { app, insecureRegistry, ociVersion, resolveImageDigests, withEnv, yes, y, dryRun } =
    given as Options;
  const version = readVersion(ociVersion);
  return inSession(async ({ surroundings, listen }) => {
    listen(progressScreen(globals).listener);
    const { signal } = surroundings;
    const questions = questionsOn(globals.json === true ? process.stderr : process.stdout, signal);
    const print = (text: string): void => {
      process.stdout.write(text);
    };
    const isInsecure = (host: string): boolean =>
      insecureRegistry === true || globals.insecureRegistry?.includes(host) === true;
    try {
      return await publish(
        {
          load: loadRequest([], globals, signal),
          repository,
          withImages: app === true,
          ociVersion: version,
          resolveDigests: resolveImageDigests === true,
          withEnvironment: withEnv === true,
          ...(yes === true || y === true
            ? {}
            : { confirm: (question) => questions.ask(withoutCodes(question)) }),
          ...(dryRun === true ? { foresee: (plan) => print(withoutCodes(plan)) } : {}),
        },
        { ...surroundings, registry: registries(isInsecure, signal) },
      );
    } finally {
      questions.end();
    }
  });
}

/** What stands in files is not to steer the terminal. */
function withoutCodes(text: string): string {
  return text
    .split('\n')
    .map((line) => sanitiseLine(line, { colour: false }))
    .join('\n');
}

function readVersion(text: string | undefined): '1.0' | '1.1' | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === '1.0' || text === '1.1') return text;
  throw failure({
    code: 'invalid-option',
    message: `unsupported OCI version: ${text}`,
    hint: 'it is 1.0 or 1.1',
  });
}
