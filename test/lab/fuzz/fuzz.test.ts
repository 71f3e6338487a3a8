import fc from 'fast-check';
import { test } from 'vitest';
import { laws } from './laws.ts';

// A few runs of each; `npm run fuzz` has many. A failure names the seed with which it comes again.
test.each(laws)('$name', async ({ property, few }) => {
  await fc.assert(property, { numRuns: few });
});
