/**
 * `npm run fuzz -- [--runs N] [--seed N] [WORDS]`: gives every parser a million texts or bytes, if not said otherwise, that
 * are made to break it. Tells for each how many it was given, the longest that one took, and what of them broke it.
 * Words choose those in whose names they stand.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { laws } from './fuzz/laws.ts';
import { main } from './main.ts';
import { say } from './say.ts';

/** No input is longer than some ten thousand characters: what takes longer, in milliseconds, goes over it again and again. */
const longest = 3000;

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
    allowPositionals: true,
  });
  const runs = Number(values.runs);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed))
    throw new Error('Runs and seed are whole numbers.');
  const chosen = laws
    .filter(({ name }) => positionals.every((word) => name.includes(word)))
    .toSorted((a, b) => b.few - a.few); // the quick ones first
  if (chosen.length === 0) throw new Error(`No parser has ${positionals.join(' ')} in its name.`);
  say(`${runs.toLocaleString('en')} runs of each of ${chosen.length}, seed ${seed}`);
  let broken = 0;
  for (const { name, property, slowest } of chosen) {
    const began = performance.now();
    const details = await fc.check(property, { numRuns: runs, seed });
    const milliseconds = slowest();
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const isFine = !details.failed && milliseconds < longest;
    say(
      `${isFine ? 'ok   ' : 'BROKE'} ${name}: ${details.numRuns.toLocaleString('en')} runs in ${seconds} s, the slowest ${milliseconds.toFixed(0)} ms`,
    );
    if (details.failed) say(`${fc.defaultReportMessage(details)}\n${(details.errorInstance as Error).stack}`);
    if (!isFine) broken += 1;
  }
  say(broken === 0 ? 'Nothing broke.' : `${broken} of ${chosen.length} broke.`);
  return broken === 0 ? 0 : 1;
});
