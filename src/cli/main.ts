import { createProgram } from './program.ts';

/** The whole program: runs the command the words name and leaves with its exit code. */
export async function main(words: readonly string[]): Promise<void> {
  // A reader that has had enough (`stack logs | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
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
