import { createProgram } from './program.ts';

/** The whole program: runs the command the words name and leaves with its exit code. */
export async function main(words: readonly string[]): Promise<void> {
  // A reader that has had enough, or a terminal that was closed, is no reason to break down in the middle of the work.
  for (const stream of [process.stdout, process.stderr, process.stdin]) stream.on('error', () => {});
  const exitCode = await createProgram().run(words);
  await flushed(process.stdout);
  await flushed(process.stderr);
  // Kept-alive connections to the engine would hold the process open.
  process.exit(exitCode);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
