import type { Witness } from './again/witness.ts';
import type { Invocation } from './invocation.ts';
import { createProgram } from './program.ts';
import { type Call, takeCall } from './settings.ts';
import { commandIn } from './switches.ts';

export interface Done {
  readonly exitCode: number;
  /** The command that was run; absent: none of the program's. */
  readonly command?: string;
}

/**
 * The whole program: runs the command that the words name, and has told all when it resolves. The witness, if there is one,
 * sees what it asks and says.
 */
export async function main(invocation: Invocation, call: Call): Promise<Done> {
  const opened = watchStreams(call.witness);
  takeCall(call);
  process.once('uncaughtException', async (error) => (await import('./tell.ts')).endByCrash(error));
  // Else a command that waits for what can no longer come would end as if all were well.
  process.once('beforeExit', async () =>
    (await import('./tell.ts')).endByCrash(new Error('nothing is left to wait for')),
  );
  if (process.env.DOCKER_CLI_PLUGIN_SOCKET !== undefined) {
    const { followDocker } = await import('./plugin.ts');
    followDocker(process.env);
  }
  const program = createProgram(invocation);
  const exitCode = await program.run(invocation.words);
  for (const name of ['stdout', 'stderr'] as const) if (opened.has(name)) await flushed(process[name]);
  const command = commandIn(invocation.words, program.words);
  return { exitCode, ...(command === program.words ? {} : { command: command.name() }) };
}

type StreamName = 'stdin' | 'stdout' | 'stderr';

/**
 * A reader that has had enough, or a terminal that was closed, is no reason to break down in the middle of the work. Gives
 * the streams that have been opened, which Node does when one is first asked for: it takes longer than many commands.
 */
function watchStreams(witness: Witness | undefined): ReadonlySet<StreamName> {
  const opened = new Set<StreamName>();
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    const { get } = Object.getOwnPropertyDescriptor(process, name) ?? {};
    const watched = (): NodeJS.ReadStream | NodeJS.WriteStream => {
      const stream: NodeJS.ReadStream | NodeJS.WriteStream = get?.call(process);
      if (opened.has(name)) return stream;
      opened.add(name);
      stream.on('error', () => {});
      if (witness !== undefined) showTo(witness, stream, name);
      return stream;
    };
    if (get !== undefined) Object.defineProperty(process, name, { get: watched, configurable: true });
  }
  return opened;
}

/** What is written, and that something is read, which may be another thing each time. */
function showTo(witness: Witness, stream: NodeJS.ReadStream | NodeJS.WriteStream, name: StreamName): void {
  const method = name === 'stdin' ? 'read' : 'write';
  const before = stream[method] as (...given: unknown[]) => unknown;
  const seen = (...given: unknown[]): unknown => {
    if (name === 'stdin') witness.acts();
    else witness.says(name, given[0] as string | Uint8Array);
    return before.apply(stream, given);
  };
  Object.assign(stream, { [method]: seen });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
