import type { ConvergeOptions } from '../commands/converge.ts';
import { chooseCopy } from '../commands/copies.ts';
import { create } from '../commands/create.ts';
import type { Outcome } from '../commands/outcome.ts';
import { scale } from '../commands/scale.ts';
import { type UpOptions, up } from '../commands/up.ts';
import type { LoadRequest } from '../load/load.ts';
import type { Event } from '../model/event.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withoutOutput, withoutProgress, withTimestamps } from '../report/adapt.ts';
import { sanitiseField } from '../report/sanitise.ts';
import type { Followed } from './commands-up.ts';
import { copies } from './copies.ts';
import { createDesk } from './desk.ts';
import { withVariables } from './dotenv.ts';
import { sayFarewell } from './farewell.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { isSwitchedOn, readChoice, readNumber } from './read-options.ts';
import { tellPlan } from './run-plan.ts';
import { isInteractive, openScreen, plainScreen, progressScreen } from './screen.ts';
import { inSession, type Session } from './session.ts';
import { settingsInUse } from './settings.ts';
import { recordStart } from './starts.ts';
import { confirmStackOfElsewhere } from './trust.ts';

interface ContainerOptions {
  /** `--build`, `--no-build`; neither: what is missing is built. */
  readonly build?: boolean;
  readonly pull?: string;
  readonly quietPull?: true;
  readonly forceRecreate?: true;
  /** `--no-recreate` */
  readonly recreate: boolean;
  readonly scale?: readonly string[];
  readonly removeOrphans?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  /** The old name of `--yes`. */
  readonly y?: true;
}

interface Options extends ContainerOptions {
  readonly detach?: true;
  readonly wait?: true;
  readonly waitTimeout?: string;
  /** `--no-start` */
  readonly start: boolean;
  /** `--no-deps` */
  readonly deps: boolean;
  readonly alwaysRecreateDeps?: true;
  readonly renewAnonVolumes?: true;
  readonly quietBuild?: true;
  readonly timeout?: string;
  readonly abortOnContainerExit?: true;
  readonly abortOnContainerFailure?: true;
  readonly exitCodeFrom?: string;
  /** `--attach` and `--no-attach` */
  readonly attach?: readonly Followed[];
  readonly attachDependencies?: true;
  /** `--no-log-prefix` */
  readonly logPrefix: boolean;
  readonly timestamps?: true;
  /** `--watch` or `--no-watch`; neither: where a person looks on. */
  readonly watch?: boolean;
  readonly name?: string;
  readonly isolated?: true;
  readonly data?: string;
}

export async function runUp(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
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
  options: Options,
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
    const { detach } = request;
    const shown = { logPrefix: options.logPrefix, summary: true, attached: !detach && options.start };
    const asking = { confirmVolumes: volumeQuestion(globals, surroundings.signal) };
    if (!options.start) {
      listen(session, plainScreen(globals, shown).listener, options, globals);
      return create({ ...request, ...asking }, surroundings);
    }
    // In the place of Docker Compose what is not stayed with is told in lines, as scripts know it.
    const isPlain = !options.logPrefix || (detach && globals.asCompose && globals.ui === undefined);
    const staff = createDesk({ session, load, wishes, hasFile: true });
    const screenWishes = detach
      ? ({ canDetach: false, interruptStops: false, ui: 'inline' } as const)
      : { desk: staff.desk };
    const screen =
      isPlain || (detach && !isShown(globals))
        ? plainScreen(globals, shown)
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
      return await up({ ...request, watch, ...more }, surroundings);
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
  options: Options,
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

/** Says only what is wanted of what happens. */
function listen(
  session: Session,
  listener: (event: Event) => void,
  { quietPull, quietBuild, timestamps }: Pick<Options, 'quietPull' | 'quietBuild' | 'timestamps'>,
  { asCompose }: GlobalOptions,
): void {
  const quiet = [
    ...(quietPull === true ? (['pull-image'] as const) : []),
    ...(quietBuild === true ? (['build-image'] as const) : []),
  ];
  const heard = timestamps === true ? withTimestamps(listener) : listener;
  // Docker Compose says that an image is there also where it is to be quiet.
  const without = asCompose ? withoutOutput : withoutProgress;
  session.listen(quiet.length > 0 ? without(heard, quiet) : heard);
}

export async function runCreate(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as ContainerOptions;
  refuse('--force-recreate', options.forceRecreate === true, '--no-recreate', !options.recreate);
  const wishes = containerWishes(options, globals);
  return inSession(async (session) => {
    const { signal } = session.surroundings;
    const sure = { isSure: hasYes(options) || options.dryRun === true };
    const load = await withVariables(loadRequest(services, globals, signal), sure, globals, signal);
    const request = { ...wishes, load };
    if (options.dryRun === true) return tellPlan({ ...request, start: false }, 'create', session, globals);
    listen(session, progressScreen(globals).listener, options, globals);
    const confirmVolumes = volumeQuestion(globals, signal);
    return create({ ...request, confirmVolumes }, session.surroundings);
  });
}

function hasYes({ yes, y }: ContainerOptions): boolean {
  return yes === true || y === true;
}

/** What asks whether volumes are to be made anew; as with Docker Compose what is no terminal is read as the answer. */
function volumeQuestion(
  globals: GlobalOptions,
  signal: AbortSignal,
): (names: readonly string[]) => Promise<boolean> {
  return async (names) => {
    const what = names.length === 1 ? 'volume' : 'volumes';
    const told = `${what} ${names.map(sanitiseField).join(', ')} exist${names.length === 1 ? 's' : ''} with other settings`;
    const stream = globals.json === true ? process.stderr : process.stdout;
    const question = `${told}; make ${names.length === 1 ? 'it' : 'them'} anew, and lose the data? [yN] `;
    const questions = questionsOn(stream, signal);
    const isWanted = await questions.ask(process.stdin.isTTY === true ? question : `${question}\n`);
    questions.end();
    return isWanted;
  };
}

export async function runScale(
  words: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { deps, dryRun } = given as Pick<Options, 'deps' | 'dryRun'>;
  const wanted = readScale('scale', words);
  return inSession((session) => {
    const load = loadRequest(Object.keys(wanted), globals, session.surroundings.signal);
    const request = { load, scale: wanted, alone: !deps };
    if (dryRun === true) return tellPlan(request, 'scale', session, globals);
    session.listen(progressScreen(globals).listener);
    return scale(request, session.surroundings);
  });
}

function upWishes(options: Options, globals: GlobalOptions): Omit<UpOptions, 'load' | 'watch'> {
  const { abortOnContainerFailure, abortOnContainerExit, exitCodeFrom, attach = [] } = options;
  const exits = abortOnContainerExit === true || exitCodeFrom !== undefined;
  const limit = readNumber('--wait-timeout', options.waitTimeout) ?? 0;
  const shown = (wanted: boolean) =>
    attach.filter((one) => one.shown === wanted).map(({ service }) => service);
  return {
    ...containerWishes(options, globals),
    detach: options.detach === true || options.wait === true,
    wait: options.wait === true,
    ...(options.wait === true && limit > 0 ? { within: limit } : {}),
    alone: !options.deps,
    recreateDependencies: options.alwaysRecreateDeps === true,
    forceRecreate: options.forceRecreate === true || options.renewAnonVolumes === true,
    renewVolumes: options.renewAnonVolumes === true,
    timeout: readNumber('--timeout', options.timeout),
    follow: {
      only: shown(true),
      not: shown(false),
      dependencies: options.attachDependencies === true,
    },
    abortOn: abortOnContainerFailure === true ? 'failure' : exits ? 'exit' : undefined,
    exitCodeFrom,
  };
}

function containerWishes(
  options: ContainerOptions,
  { asCompose }: GlobalOptions,
): Omit<ConvergeOptions, 'load'> {
  const { steering } = settingsInUse();
  const ignoreOrphans = isSwitchedOn('COMPOSE_IGNORE_ORPHANS', steering);
  if (ignoreOrphans && options.removeOrphans === true) {
    throw conflicting('COMPOSE_IGNORE_ORPHANS', '--remove-orphans');
  }
  return {
    build: options.build,
    // Scripts of Docker Compose expect that what is there is not built.
    checkBuilds: !asCompose,
    pull: readPolicy(options.pull),
    forceRecreate: options.forceRecreate === true,
    noRecreate: !options.recreate,
    scale: readScale('--scale', options.scale ?? []),
    removeOrphans:
      options.removeOrphans === true || (!ignoreOrphans && isSwitchedOn('COMPOSE_REMOVE_ORPHANS', steering)),
    ignoreOrphans,
    ...(hasYes(options) && { recreateVolumes: true }),
  };
}

/** The combinations that Docker Compose refuses. Throws `invalid-option`. */
function refuseConflicts(options: Options): void {
  const { abortOnContainerExit, abortOnContainerFailure, exitCodeFrom, attachDependencies } = options;
  const attaches = options.attach?.some(({ shown }) => shown) === true;
  const exits = abortOnContainerExit === true || (exitCodeFrom !== undefined && !abortOnContainerFailure);
  refuse(
    '--abort-on-container-failure',
    abortOnContainerFailure === true,
    '--abort-on-container-exit',
    exits,
  );
  const staying = [
    [exits && abortOnContainerExit !== true ? '--exit-code-from' : '--abort-on-container-exit', exits],
    ['--abort-on-container-failure', abortOnContainerFailure === true],
    ['--attach', attaches],
    ['--attach-dependencies', attachDependencies === true],
    ['--watch', options.watch === true],
  ] as const;
  for (const [flag, given] of staying) {
    refuse('--wait', options.wait === true, flag, given);
    refuse('--detach', options.detach === true, flag, given);
  }
  const keeps = !options.recreate;
  refuse('--renew-anon-volumes', options.renewAnonVolumes === true, '--no-recreate', keeps);
  refuse('--force-recreate', options.forceRecreate === true, '--no-recreate', keeps);
  refuse('--always-recreate-deps', options.alwaysRecreateDeps === true, '--no-recreate', keeps);
  refuse('--no-build', options.build === false, '--watch', options.watch === true);
  refuse('--attach', attaches, '--attach-dependencies', attachDependencies === true);
}

function refuse(one: string, isOne: boolean, other: string, isOther: boolean): void {
  if (isOne && isOther) throw conflicting(one, other);
}

function conflicting(one: string, other: string) {
  return failure({
    code: 'invalid-option',
    message: `${one} and ${other} are incompatible`,
    hint: 'leave one of them out',
  });
}

function readScale(option: string, words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, service, number] = /^([^=]+)=(\d+)$/.exec(word) ?? [];
      if (service !== undefined) return [service, Number(number)] as const;
      throw failure({
        code: 'invalid-option',
        message: `${option} ${word} does not say how many containers a service is to have`,
        hint: 'write SERVICE=NUMBER: web=3',
      });
    }),
  );
}

function readPolicy(text: string | undefined): string | undefined {
  const policies = ['always', 'missing', 'never', 'build', 'if_not_present'];
  if (text === undefined || policies.includes(text)) return text;
  throw failure({
    code: 'invalid-option',
    message: `invalid --pull option "${text}"`,
    hint: `it is one of ${policies.join(', ')}`,
  });
}
