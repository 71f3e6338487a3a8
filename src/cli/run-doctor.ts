import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import { doctor } from '../commands/doctor.ts';
import type { Outcome } from '../commands/outcome.ts';
import type { Onlooking } from '../commands/preflight.ts';
import { surveyStack } from '../commands/survey-stack.ts';
import { isOnThisMachine, resolveEndpoint } from '../docker/endpoint.ts';
import { surveyDocker } from '../docker/installed.ts';
import { dockerRuntime } from '../docker/runtime.ts';
import { surveyEngines } from '../docker/survey.ts';
import type { MachineFacts } from '../model/facts.ts';
import { maskSecrets } from '../model/masking.ts';
import { formatFindings, formatFindingsJson } from '../report/findings.ts';
import { lockFolder } from './lock.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { settingsInUse } from './settings.ts';
import { wantsColour } from './tell.ts';

/** Looks at the engine and at this machine; what is found is data for stdout. */
export async function runDoctor(_: readonly string[], __: object, globals: GlobalOptions): Promise<Outcome> {
  const { variables, options } = settingsInUse().engine;
  const { signal } = new AbortController();
  const [engines, docker, machine] = await Promise.all([
    surveyEngines(variables, options, signal),
    surveyDocker(variables),
    surveyMachine(),
  ]);
  const isThere = 'about' in engines.engine.answer;
  const stack = await surveyStack(
    loadRequest([], globals, signal),
    isThere ? await readEngine(signal) : undefined,
  );
  const { findings, ...outcome } = doctor({
    ...engines,
    docker,
    machine,
    ...(stack === undefined ? {} : { stack }),
  });
  const shown = maskSecrets(findings).value;
  const colour = wantsColour(process.stdout, globals);
  process.stdout.write(
    globals.json === true
      ? formatFindingsJson(shown)
      : formatFindings(shown, { colour, directory: process.cwd() }),
  );
  return outcome;
}

/** What is needed to look at the engine that commands would use, and no more. */
async function readEngine(signal: AbortSignal): Promise<Onlooking> {
  const { variables, options } = settingsInUse().engine;
  const endpoint = await resolveEndpoint(variables, options);
  return { runtime: dockerRuntime(endpoint), engineIsHere: isOnThisMachine(endpoint), signal };
}

async function surveyMachine(): Promise<MachineFacts> {
  const [lock, watches, instances] = await Promise.all([
    surveyLocks(),
    readLimit('max_user_watches'),
    readLimit('max_user_instances'),
  ]);
  return {
    nodeVersion: process.versions.node,
    lockFolder: lock,
    ...(watches === undefined || instances === undefined ? {} : { inotify: { watches, instances } }),
  };
}

async function surveyLocks(): Promise<MachineFacts['lockFolder']> {
  const folder = lockFolder();
  const rights = constants.W_OK | constants.X_OK;
  try {
    await access(folder, rights).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await access(path.dirname(folder), rights);
    });
    return { path: folder };
  } catch (error) {
    return { path: folder, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Of inotify, by which Linux tells of changed files; other systems have no such limits. */
async function readLimit(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}
