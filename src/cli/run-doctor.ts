import { doctor } from '../commands/doctor.ts';
import type { Outcome } from '../commands/outcome.ts';
import type { Onlooking } from '../commands/preflight.ts';
import { surveyStack } from '../commands/survey-stack.ts';
import { isOnThisMachine, resolveEndpoint } from '../docker/endpoint.ts';
import { surveyDocker } from '../docker/installed.ts';
import { dockerRuntime } from '../docker/runtime.ts';
import { surveyEngines } from '../docker/survey.ts';
import type { Facts } from '../model/facts.ts';
import { maskSecrets } from '../model/masking.ts';
import { failure } from '../model/problem.ts';
import { formatFindings, formatFindingsJson } from '../report/findings.ts';
import { findRemedies, mend } from './mend.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { settingsInUse } from './settings.ts';
import { surveyMachine } from './survey-machine.ts';
import { wantsColour } from './tell.ts';

interface Options {
  readonly fix?: true;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** Looks at the engine and at this machine, and mends what can be mended; what is found is data for stdout. */
export async function runDoctor(
  _: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { fix, yes, dryRun } = given as Options;
  const { signal } = new AbortController();
  if (yes === true && fix !== true) {
    throw failure({
      code: 'invalid-option',
      message: '--yes is about --fix',
      hint: 'say --fix, too',
    });
  }
  if (fix === true) {
    const options = { isSure: yes === true, isDry: dryRun === true, onlyEngine: false };
    await mend(() => surveyAll(signal), options, globals, signal);
  }
  const facts = await surveyAll(signal);
  const isThere = 'about' in facts.engine.answer;
  const engine = isThere ? await readEngine(signal) : undefined;
  const stack = await surveyStack(loadRequest([], globals, signal), engine);
  const { findings, ...outcome } = doctor({ ...facts, ...(stack === undefined ? {} : { stack }) });
  const fixes = await findRemedies(facts);
  const shown = maskSecrets(findings).value;
  const colour = wantsColour(process.stdout, globals);
  process.stdout.write(
    globals.json === true
      ? formatFindingsJson(shown, fixes)
      : formatFindings(shown, fixes, { colour, directory: process.cwd() }),
  );
  return outcome;
}

async function surveyAll(signal: AbortSignal): Promise<Facts> {
  const { variables, options } = settingsInUse().engine;
  const [engines, docker, machine] = await Promise.all([
    surveyEngines(variables, options, signal),
    surveyDocker(variables),
    surveyMachine(),
  ]);
  return { ...engines, docker, machine };
}

/** What is needed to look at the engine that commands would use, and no more. */
async function readEngine(signal: AbortSignal): Promise<Onlooking> {
  const { variables, options } = settingsInUse().engine;
  const endpoint = await resolveEndpoint(variables, options);
  return { runtime: dockerRuntime(endpoint), engineIsHere: isOnThisMachine(endpoint), signal };
}
