import { attach } from '../commands/attach.ts';
import { exec } from '../commands/exec.ts';
import type { Outcome } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readNumber } from './read-options.ts';
import { inSession } from './session.ts';
import { tellPeople } from './tell.ts';
import { firstSize, processStreams } from './user-streams.ts';

interface ExecOptions {
  readonly detach?: true;
  readonly env?: readonly string[];
  readonly index?: string;
  /** `--interactive`, `--no-interactive`; neither: it is. */
  readonly interactive?: boolean;
  /** `--no-tty`; `--tty` changes nothing. */
  readonly tty?: boolean;
  /** `--no-TTY`, the old name of `--no-tty`; `--no-TTY=false` wants a terminal wherever it runs. */
  readonly TTY?: boolean;
  readonly privileged?: true;
  readonly user?: string;
  readonly workdir?: string;
}

export function runExec(
  [service = '', ...command]: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as ExecOptions;
  const { interactive: input = true, user, workdir } = options;
  const detach = options.detach === true;
  const isOne = process.stdout.isTTY === true || options.TTY === true;
  const tty = options.TTY !== false && options.tty !== false && isOne;
  if (tty && input && !detach) refuseWithoutTerminal();
  return inSession(async ({ surroundings }) => {
    const outcome = await exec(
      {
        load: loadRequest([], globals, surroundings.signal),
        service,
        index: readNumber('--index', options.index) ?? 0,
        command,
        environment: options.env ?? [],
        tty,
        ...firstSize(tty),
        input,
        detach,
        privileged: options.privileged === true,
        ...(user === undefined ? {} : { user }),
        ...(workdir === undefined ? {} : { workingDirectory: workdir }),
      },
      processStreams,
      surroundings,
    );
    tellPeople(outcome.problems, globals);
    return outcome;
  });
}

/** A process with a terminal wants to read keys, which a pipe or a file does not give. */
export function refuseWithoutTerminal(): void {
  if (process.stdin.isTTY === true) return;
  throw failure({
    code: 'invalid-option',
    message: 'the input device is not a TTY',
    hint: 'add -T: then the command gets what is piped in, and no terminal',
  });
}

interface AttachOptions {
  readonly detachKeys?: string;
  readonly index?: string;
  /** `--no-stdin` */
  readonly stdin: boolean;
  /** `--no-sig-proxy` */
  readonly sigProxy?: boolean;
}

export function runAttach(
  [service = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { detachKeys, index, stdin, sigProxy } = given as AttachOptions;
  return inSession(({ surroundings, divert }) =>
    attach(
      {
        load: loadRequest([], globals, surroundings.signal),
        service,
        index: readNumber('--index', index) ?? 0,
        input: stdin,
        ...(detachKeys === undefined ? {} : { detachKeys }),
        ...(sigProxy !== false ? { proxy: divert } : {}),
      },
      processStreams,
      surroundings,
    ),
  );
}
