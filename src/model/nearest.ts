import type { Problem } from './problem.ts';

/** The known name that a mistyped one most likely means, if one is near enough. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // One wrong letter in three is still a typing error, more is another word.
  let limit = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance < limit) {
      best = candidate;
      limit = distance;
    }
  }
  return best;
}

/** A hint for a problem with a name, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): { hint?: string } {
  const meant = nearest(name, known);
  return meant === undefined ? {} : { hint: `did you mean \`${meant}\`?` };
}

/** The problem of a name that is no service of the stack. */
export function unknownService(
  name: string,
  known: readonly string[],
): Pick<Problem, 'code' | 'message' | 'hint'> {
  return {
    code: 'unknown-service',
    message: `no such service: ${name}`,
    ...(known.length > 0 ? { hint: `the stack has ${known.join(', ')}` } : {}),
    ...didYouMean(name, known),
  };
}

/** Insertions, removals, changes and swaps of neighbours between two words; at least `limit` if it is that much. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    // Later rows cannot end lower: a swap reaches back two rows, but costs what the row between gained.
    if (least >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit;
}
