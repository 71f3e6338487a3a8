import type { Outcome } from '../commands/outcome.ts';
import { type RunOptions, run } from '../commands/run.ts';
import { readWords } from '../load/pieces.ts';
import type { Event } from '../model/event.ts';
import { failure } from '../model/problem.ts';
import { confirmDemands } from './confirm-demands.ts';
import { withVariables } from './dotenv.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { isSwitchedOn } from './read-options.ts';
import { refuseWithoutTerminal } from './run-exec.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';
import { confirmStackOfElsewhere } from './trust.ts';
import { firstSize, processStreams } from './user-streams.ts';

interface Options {
  readonly build?: true;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly detach?: true;
  readonly entrypoint?: string;
  readonly env?: readonly string[];
  readonly envFromFile?: readonly string[];
  /** `--interactive`, `--no-interactive`; neither: it is. */
  readonly interactive?: boolean;
  readonly label?: readonly string[];
  /** Another name for `--label`. */
  readonly labels?: readonly string[];
  readonly name?: string;
  /** `--no-deps` */
  readonly deps: boolean;
  readonly publish?: readonly string[];
  readonly pull?: string;
  readonly quiet?: true;
  readonly quietBuild?: true;
  readonly quietPull?: true;
  readonly removeOrphans?: true;
  readonly rm?: true;
  readonly servicePorts?: true;
  /** `--tty`, `--no-tty`; neither: by what the streams are. */
  readonly tty?: boolean;
  /** `--no-TTY`, the old name of `--no-tty`; `--no-TTY=false` wants a terminal wherever it runs. */
  readonly TTY?: boolean;
  readonly useAliases?: true;
  readonly user?: string;
  readonly volume?: readonly string[];
  /** Another name for `--volume`. */
  readonly volumes?: readonly string[];
  readonly workdir?: string;
}

export function runRun(
  [service = '', ...command]: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  if (options.servicePorts === true && options.publish !== undefined) {
    throw failure({
      code: 'invalid-option',
      message: '--service-ports and --publish are incompatible',
      hint: 'leave one of them out',
    });
  }
  const tty = options.TTY !== false && (options.tty ?? options.TTY ?? isTerminalByDefault(options));
  const input = options.interactive ?? true;
  const detach = options.detach === true;
  if (tty && input && !detach) refuseWithoutTerminal();
  const { name, user, workdir, entrypoint } = options;
  return inSession(async (session) => {
    const { surroundings, divert } = session;
    const asked = loadRequest([], globals, surroundings.signal);
    await confirmStackOfElsewhere(asked, { environment: options.env ?? [] }, globals, surroundings.signal);
    const load = await withVariables(asked, { isSure: false }, globals, surroundings.signal);
    await confirmDemands({ ...load, services: [service] }, globals, surroundings.signal);
    const { listener } = progressScreen(globals);
    session.listen((event) => {
      if (isWanted(event, options)) listener(event);
    });
    return run(
      {
        load,
        service,
        ...(command.length === 0 ? {} : { command }),
        ...(entrypoint === undefined ? {} : { entrypoint: wordsOf(entrypoint) }),
        ...(name === undefined ? {} : { name }),
        ...(user === undefined ? {} : { user }),
        ...(workdir === undefined ? {} : { workingDirectory: workdir }),
        environment: options.env ?? [],
        environmentFiles: options.envFromFile ?? [],
        labels: pairsOf([...(options.label ?? []), ...(options.labels ?? [])]),
        capAdd: options.capAdd ?? [],
        capDrop: options.capDrop ?? [],
        volumes: [...(options.volume ?? []), ...(options.volumes ?? [])],
        publish: options.servicePorts === true ? 'those of the service' : (options.publish ?? []),
        tty,
        ...firstSize(tty),
        input,
        detach,
        alone: !options.deps,
        remove: options.rm === true,
        useAliases: options.useAliases === true,
        build: options.build === true,
        ...pullOf(options),
        removeOrphans: options.removeOrphans === true || isSwitchedOn('COMPOSE_REMOVE_ORPHANS'),
        proxy: divert,
        tellId: (id) => process.stdout.write(`${id}\n`),
      },
      processStreams,
      surroundings,
    );
  });
}

/** Where nothing is said, a terminal is given to who has one on both sides. */
function isTerminalByDefault({ interactive }: Options): boolean {
  return process.stdout.isTTY === true && (interactive !== undefined || process.stdin.isTTY === true);
}

/** Warnings and failures are told in any case. */
function isWanted(event: Event, { quiet, quietPull, quietBuild }: Options): boolean {
  if (event.type === 'problem-found' || event.type === 'step-failed') return true;
  if (quiet === true) return false;
  if (event.type !== 'step-progressed') return true;
  return !(quietPull && event.id.startsWith('pull:')) && !(quietBuild && event.id.startsWith('build:'));
}

function wordsOf(entrypoint: string): readonly string[] {
  const words = readWords(entrypoint);
  if (words !== undefined) return words;
  throw failure({
    code: 'invalid-option',
    message: `--entrypoint ${entrypoint} has a quote or a parenthesis that is left open`,
  });
}

function pairsOf(labels: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    labels.map((text) => {
      const equals = text.indexOf('=');
      return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

const policies = ['always', 'missing', 'never', 'build', 'if_not_present', 'policy'];

function pullOf({ pull }: Options): Pick<RunOptions, 'pull'> {
  if (pull === undefined) return {};
  if (policies.includes(pull)) return { pull };
  throw failure({
    code: 'invalid-option',
    message: `invalid --pull option "${pull}"`,
    hint: `it takes ${policies.join(', ')}`,
  });
}
