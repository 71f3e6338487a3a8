/** What may not grow with rounds, or hours. */
export type Growth = 'heap' | 'descriptors' | 'objects' | 'rules';

type Used = Readonly<Partial<Record<Growth | 'resident' | 'round', number>>>;

const megabyte = 1024 * 1024;

/** By how much the last quarter may be above the second one: the first is for what is made once and kept. */
const allowed: Readonly<Record<Growth, number>> = {
  heap: 3 * megabyte,
  descriptors: 3,
  objects: 0,
  rules: 0,
};

/** What of it grew: the least of the last quarter is compared with the most of the second. Of less than four looks nothing is known. */
export function growthIn(looks: readonly Used[], watched: readonly Growth[]): readonly string[] {
  return watched.flatMap((what) => {
    const values = looks.flatMap((look) => look[what] ?? []);
    const quarter = Math.floor(values.length / 4);
    if (quarter === 0) return [];
    const before = Math.max(...values.slice(quarter, 2 * quarter));
    const after = Math.min(...values.slice(-quarter));
    return after - before > allowed[what] ? [`${what} grew from ${before} to ${after}`] : [];
  });
}

/** What was left, a line each time it was looked at. */
export function tableOfUse(looks: readonly Used[]): string {
  const inMegabytes = (bytes = 0): string => `${(bytes / megabyte).toFixed(1)} MB`;
  const rows = looks.map(({ round = 0, heap, resident, descriptors = '', objects = '', rules = '' }) =>
    [round, inMegabytes(heap), inMegabytes(resident), descriptors, objects, rules].map(String),
  );
  const head = ['after', 'heap', 'resident', 'descriptors', 'objects', 'rules'];
  return [head, head.map(() => '---:'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
