import { test } from 'vitest';
import fc from '../../helpers/chance.ts';
import { laws } from './laws.ts';

// A few runs of each; `npm run fuzz` has many.
test.each(laws)('$name', async ({ property, few }) => {
  await fc.assert(property, { numRuns: few });
});
