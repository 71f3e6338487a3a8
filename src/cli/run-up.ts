import { chooseCopy } from '../commands/copies.ts';
import { create } from '../commands/create.ts';
import type { Outcome } from '../commands/outcome.ts';
import { up } from '../commands/up.ts';
import type { LoadRequest } from '../load/load.ts';
import type { Event } from '../model/event.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { confirmDemands } from './confirm-demands.ts';
import { copies } from './copies.ts';
import { createDesk } from './desk.ts';
import { withVariables } from './dotenv.ts';
import { sayFarewell } from './farewell.ts';
import { listen } from './listen.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readChoice } from './read-options.ts';
import { tellPlan } from './run-plan.ts';
import { isInteractive, openScreen, openScreenLate, plainScreen } from './screen.ts';
import { inSession } from './session.ts';
import { settingsInUse } from './settings.ts';
import { recordStart } from './starts.ts';
import { confirmStackOfElsewhere } from './trust.ts';
import { hasYes, refuse, refuseConflicts, type UpFlags, upWishes } from './up-flags.ts';
import { volumeQuestion } from './volume-question.ts';

export async function runUp(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as UpFlags;
  refuseConflicts(options);
  refuse('--no-log-prefix', !options.logPrefix, `--ui ${globals.ui}`, globals.ui !== undefined);
  const bringUp = () => upInSession(services, options, globals);
  try {
    return await bringUp();
  } catch (error) {
    const { offerEngine } = await import('./mend.ts');
    return offerEngine(error, bringUp, globals);
  }
}

function upInSession(
  services: readonly string[],
  options: UpFlags,
  globals: GlobalOptions,
): Promise<Outcome> {
  const wishes = upWishes(options, globals);
  return inSession(async (session) => {
    const { surroundings } = session;
    const asked = loadRequest(services, globals, surroundings.signal);
    const sure = { isSure: hasYes(options) || options.dryRun === true };
    await confirmStackOfElsewhere(asked, { isSure: hasYes(options) }, globals, surroundings.signal);
    const complete = await withVariables(asked, sure, globals, surroundings.signal);
    const load = await loadCopy(complete, options, surroundings);
    const request = { ...wishes, load, lenient: globals.asCompose };
    if (options.dryRun === true) {
      return tellPlan({ ...request, ...(options.start ? {} : { start: false }) }, 'up', session, globals);
    }
    await confirmDemands(load, globals, surroundings.signal);
    const { detach } = request;
    const project = load.projectName;
    const shown = {
      logPrefix: options.logPrefix,
      summary: true,
      attached: !detach && options.start,
      project,
    };
    const asking = { confirmVolumes: volumeQuestion(globals, surroundings.signal) };
    if (!options.start) {
      listen(session, plainScreen(globals, shown).listener, options, globals);
      return create({ ...request, ...asking }, surroundings);
    }
    // In the place of Docker Compose what is not stayed with is told in lines, as scripts know it.
    const isPlain = !options.logPrefix || (detach && globals.asCompose && globals.ui === undefined);
    const staff = createDesk({ session, load, wishes, hasFile: true });
    const screenWishes = detach
      ? ({ canDetach: false, interruptStops: false, ui: 'inline', project } as const)
      : { desk: staff.desk, project };
    const screen =
      isPlain || (detach && !isShown(globals))
        ? plainScreen(globals, shown)
        : detach
          ? openScreenLate(globals, session, screenWishes)
          : await openScreen(globals, session, screenWishes);
    const recorder = recordStart();
    const listener = (event: Event): void => {
      recorder.listener(event);
      screen.listener(event);
    };
    listen(session, listener, options, globals);
    const onlooker = {
      meet: staff.meet,
      // Who says when all is to end means it.
      keeps: () => request.abortOn === undefined && screen.shown() === 'full',
    };
    const { interactive } = screen;
    try {
      const watch =
        options.watch === true
          ? 'must'
          : options.watch !== false && interactive && !detach && options.build !== false;
      const more = interactive ? (detach ? { tellStates: true } : { onlooker }) : asking;
      // The live display has the keyboard: what is not answered beforehand stays as it is, which is told.
      const outcome = await up({ ...request, watch, ...more }, surroundings);
      const isTimeless = globals.json !== true && globals.progress !== 'json';
      if (detach && isTimeless && outcome.lasting === true) settingsInUse().witness?.vouch();
      return outcome;
    } finally {
      await staff.close();
      await screen.stop();
      await recorder.close();
      if (interactive && surroundings.leave.aborted) await sayFarewell(load, globals, surroundings);
    }
  });
}

/** What to load: with words that ask for a copy that one, and where the project is one already, with its ports for all. */
async function loadCopy(
  load: LoadRequest,
  options: UpFlags,
  surroundings: Surroundings,
): Promise<LoadRequest> {
  const { name, isolated, data } = options;
  const asked = name !== undefined || isolated === true;
  refuse('--name', name !== undefined, '--isolated', isolated === true);
  refuse(
    '--project-name',
    load.projectName !== undefined,
    name === undefined ? '--isolated' : '--name',
    asked,
  );
  if (data !== undefined && !asked)
    throw failure({
      code: 'invalid-option',
      message: '--data is about a copy',
      hint: 'say which one: --name NAME, or --isolated',
    });
  const known = await copies.find(load.projectName ?? load.environment.COMPOSE_PROJECT_NAME ?? '');
  if (!asked && known === undefined) return load;
  const wish = {
    isAsked: asked,
    ...(asked ? (name === undefined ? {} : { name }) : { name: known?.project ?? '' }),
    ...(data === undefined ? {} : { data: readChoice('--data', data, ['empty', 'share', 'clone']) }),
  };
  // What a copy is of is said by the files, not by the name that it has itself.
  const { projectName: _, ...unnamed } = load;
  return chooseCopy(asked ? load : unnamed, wish, copies, surroundings);
}

function isShown(globals: GlobalOptions): boolean {
  return globals.json !== true && isInteractive(globals);
}
