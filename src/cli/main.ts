import { readInvocation } from './invocation.ts';
import { createProgram } from './program.ts';

/** The whole program: runs the command the words name and leaves with its exit code. */
export async function main(words: readonly string[], calledAs: string): Promise<void> {
  // A reader that has had enough, or a terminal that was closed, is no reason to break down in the middle of the work.
  for (const stream of [process.stdout, process.stderr, process.stdin]) stream.on('error', () => {});
  const exitCode = await answer(words, calledAs);
  await flushed(process.stdout);
  await flushed(process.stderr);
  // Kept-alive connections to the engine would hold the process open.
  process.exit(exitCode);
}

async function answer(words: readonly string[], calledAs: string): Promise<number> {
  const invocation = readInvocation(calledAs, words, process.env);
  if (process.env.DOCKER_CLI_PLUGIN_SOCKET !== undefined || invocation.asksWhoThisIs === true) {
    const { followDocker, pluginMetadata } = await import('./plugin.ts');
    if (invocation.asksWhoThisIs === true) {
      process.stdout.write(`${JSON.stringify(pluginMetadata, undefined, 2)}\n`);
      return 0;
    }
    followDocker(process.env);
  }
  return createProgram(invocation).run(invocation.words);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
