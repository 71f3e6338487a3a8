import type { Event } from '../model/event.ts';
import { sanitiseEvent } from './harmless.ts';
import { initialView, reduce } from './reduce.ts';
import type { SanitiseOptions } from './sanitise.ts';
import type { View } from './view.ts';

/** An event, made harmless, and what it changed. */
export interface Happening {
  readonly event: Event;
  readonly before: View;
  readonly after: View;
}

/** Where screens get the latest view from. When to draw it is up to them. */
export interface Store {
  /** The one way in: what comes from outside is made harmless here, so what is told of it is to be read from the result. */
  dispatch(event: Event): Happening;
  getView(): View;
}

/** Holds the view that the events so far add up to; output keeps its colours if asked. */
export function createStore(options: SanitiseOptions = { colour: false }): Store {
  let view = initialView;
  return {
    dispatch(told) {
      const event = sanitiseEvent(told, options);
      const before = view;
      view = reduce(before, event);
      return { event, before, after: view };
    },
    getView: () => view,
  };
}
