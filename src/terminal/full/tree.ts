import { isBad, isInProgress, isReady } from '../../report/state.ts';
import type { ReplicaView, ServiceState, ServiceView, View } from '../../report/view.ts';

/** A row of the list of services. */
export type TreeRow =
  | { readonly kind: 'group'; readonly title: string }
  | { readonly kind: 'service'; readonly service: ServiceView }
  | { readonly kind: 'replica'; readonly service: ServiceView; readonly replica: ReplicaView };

/** A service, or one of several replicas of it. */
export interface Selected {
  readonly service: string;
  readonly number?: number;
}

const groups: readonly (readonly [title: string, holds: (state: ServiceState) => boolean])[] = [
  ['needs attention', (state) => isBad(state) || state === 'skipped'],
  ['in progress', isInProgress],
  ['waiting', (state) => state === 'waiting'],
  ['ready', (state) => isReady(state) && state !== 'done'],
  ['done or stopped', () => true],
];

/**
 * The services by how ready they are: what needs eyes first, and within that in the order of the file. Where there are
 * several replicas each has a row of its own. With `titles`, a row above each group.
 */
export function treeOf({ services }: View, titles: boolean): readonly TreeRow[] {
  const groupOf = ({ state }: ServiceView): number => groups.findIndex(([, holds]) => holds(state));
  return groups.flatMap(([title], group): readonly TreeRow[] => {
    const members = services.filter((service) => groupOf(service) === group);
    if (members.length === 0) return [];
    const rows = members.flatMap((service): readonly TreeRow[] => [
      { kind: 'service', service },
      ...unfolded(service).map((replica): TreeRow => ({ kind: 'replica', service, replica })),
    ]);
    return titles ? [{ kind: 'group', title }, ...rows] : rows;
  });
}

/** What is selected though services and replicas come and go: what was, else its service, else the first there is. */
export function selectionIn(view: View, selected: Selected | undefined): Selected | undefined {
  const service = view.services.find(({ name }) => name === selected?.service);
  if (service === undefined) {
    const [first] = treeOf(view, false);
    return first === undefined ? undefined : selectedOf(first);
  }
  const isThere = unfolded(service).some(({ number }) => number === selected?.number);
  return isThere && selected !== undefined ? selected : { service: service.name };
}

/** The selection that many rows further, but not past the ends. */
export function moveSelection(view: View, selected: Selected | undefined, by: number): Selected | undefined {
  const rows = treeOf(view, false);
  const now = selectionIn(view, selected);
  const place = rows.findIndex((row) => isSelected(row, now));
  const row = rows[Math.max(0, Math.min(rows.length - 1, place + by))];
  return row === undefined ? undefined : selectedOf(row);
}

export function isSelected(row: TreeRow, selected: Selected | undefined): boolean {
  if (row.kind === 'group' || row.service.name !== selected?.service) return false;
  return row.kind === 'replica' ? row.replica.number === selected.number : selected.number === undefined;
}

/** How many containers it has, whatever they do. */
export function countOf({ replicas }: ServiceView): number {
  return replicas.filter(({ container }) => container !== 'gone').length;
}

/** The replicas that have rows of their own: several, without those that were removed. */
function unfolded({ replicas }: ServiceView): readonly ReplicaView[] {
  const there = replicas.filter(({ container }) => container !== 'gone');
  return there.length < 2 ? [] : there;
}

function selectedOf(row: TreeRow): Selected | undefined {
  if (row.kind === 'group') return undefined;
  const service = row.service.name;
  return row.kind === 'replica' ? { service, number: row.replica.number } : { service };
}
