import type { ConvergeOptions } from '../commands/converge.ts';
import type { UpOptions } from '../commands/up.ts';
import { failure } from '../model/problem.ts';
import type { Followed } from './commands-up.ts';
import { discardingFor } from './discarding.ts';
import { places } from './places.ts';
import type { GlobalOptions } from './program.ts';
import { isSwitchedOn, readNumber } from './read-options.ts';
import { settingsInUse } from './settings.ts';

/** The flags of commands that make containers. */
export interface ContainerOptions {
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

/** The flags of `up`. */
export interface UpFlags extends ContainerOptions {
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

export function hasYes({ yes, y }: ContainerOptions): boolean {
  return yes === true || y === true;
}

export function upWishes(options: UpFlags, globals: GlobalOptions): Omit<UpOptions, 'load' | 'watch'> {
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

export function containerWishes(
  options: ContainerOptions,
  globals: GlobalOptions,
): Omit<ConvergeOptions, 'load'> {
  const { steering } = settingsInUse();
  const ignoreOrphans = isSwitchedOn('COMPOSE_IGNORE_ORPHANS', steering);
  if (ignoreOrphans && options.removeOrphans === true) {
    throw conflicting('COMPOSE_IGNORE_ORPHANS', '--remove-orphans');
  }
  return {
    discarding: discardingFor(globals),
    places: globals.asCompose ? undefined : places,
    build: options.build,
    // Scripts of Docker Compose expect that what is there is not built.
    checkBuilds: !globals.asCompose,
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
export function refuseConflicts(options: UpFlags): void {
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

export function refuse(one: string, isOne: boolean, other: string, isOther: boolean): void {
  if (isOne && isOther) throw conflicting(one, other);
}

function conflicting(one: string, other: string) {
  return failure({
    code: 'invalid-option',
    message: `${one} and ${other} are incompatible`,
    hint: 'leave one of them out',
  });
}

export function readScale(option: string, words: readonly string[]): Readonly<Record<string, number>> {
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
