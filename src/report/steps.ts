import type { StepId } from '../model/plan.ts';
import type { StepView } from './view.ts';

/** The steps of a plan, in its order. */
export interface Steps extends ReadonlyMap<StepId, StepView> {
  /** The steps that are about a service. */
  of(service: string): readonly StepView[];
  /** The same with a step that took the place of the one with its id, about the same service; both share all else. */
  with(step: StepView): Steps;
}

/** Of two steps with one id the later one counts, at the place of the first. */
export function stepsOf(steps: Iterable<StepView>): Steps {
  const unique = [...new Map([...steps].map((step) => [step.id, step])).values()];
  const places = new Map(unique.map(({ id }, place) => [id, place]));
  const services = new Map<string, number[]>();
  for (const [place, { service }] of unique.entries()) {
    if (service === undefined) continue;
    const known = services.get(service);
    if (known === undefined) services.set(service, [place]);
    else known.push(place);
  }
  const rows = Array.from({ length: Math.ceil(unique.length / width) }, (_, row) =>
    unique.slice(row * width, (row + 1) * width),
  );
  return new StepTable(rows, places, services);
}

/** Steps in a row: when one of thousands changes, one row and the list of rows are copied. */
const width = 64;

class StepTable implements Steps {
  readonly #rows: readonly (readonly StepView[])[];
  readonly #places: ReadonlyMap<StepId, number>;
  readonly #services: ReadonlyMap<string, readonly number[]>;

  constructor(
    rows: readonly (readonly StepView[])[],
    places: ReadonlyMap<StepId, number>,
    services: ReadonlyMap<string, readonly number[]>,
  ) {
    this.#rows = rows;
    this.#places = places;
    this.#services = services;
  }

  get size(): number {
    return this.#places.size;
  }

  has(id: StepId): boolean {
    return this.#places.has(id);
  }

  get(id: StepId): StepView | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#at(place);
  }

  of(service: string): readonly StepView[] {
    return (this.#services.get(service) ?? []).flatMap((place) => this.#at(place) ?? []);
  }

  with(step: StepView): Steps {
    const place = this.#places.get(step.id);
    const number = Math.floor((place ?? 0) / width);
    const row = this.#rows[number];
    if (place === undefined || row === undefined) return this;
    const rows = this.#rows.with(number, row.with(place % width, step));
    return new StepTable(rows, this.#places, this.#services);
  }

  forEach(visit: (step: StepView, id: StepId, steps: ReadonlyMap<StepId, StepView>) => void): void {
    for (const [id, step] of this) visit(step, id, this);
  }

  keys(): MapIterator<StepId> {
    return this.#places.keys();
  }

  values(): MapIterator<StepView> {
    return this.#rows.flat().values();
  }

  entries(): MapIterator<[StepId, StepView]> {
    return this.#rows
      .flat()
      .map((step): [StepId, StepView] => [step.id, step])
      .values();
  }

  [Symbol.iterator](): MapIterator<[StepId, StepView]> {
    return this.entries();
  }

  #at(place: number): StepView | undefined {
    return this.#rows[Math.floor(place / width)]?.[place % width];
  }
}
