/** One line for the person who waits. */
export type Say = (line: string) => void;

export const say: Say = (line) => {
  process.stdout.write(`${line}\n`);
};

/** Does something and says, once it is done, what it was and how long it took; nothing if it was there already. */
export async function timed<T>(say: Say, done: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (seconds !== '0.0') say(`${done} in ${seconds} s`);
  return result;
}
