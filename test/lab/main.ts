/** Runs a program's body: what it returns is the exit code, what it throws is told in its own words. */
export async function main(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = error instanceof Interruption ? 130 : 1;
  }
}

/** The reason for an end that somebody asked for. */
export class Interruption extends Error {
  override message = 'Interrupted.';
}
