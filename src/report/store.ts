import type { Event } from '../model/event.ts';
import { initialView, reduce } from './reduce.ts';
import type { View } from './view.ts';

/** Where screens get the latest view from. When to draw it is up to them. */
export interface Store {
  dispatch(event: Event): void;
  getView(): View;
  /** Calls the listener after each change of the view, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** Holds the view that the events so far add up to. */
export function createStore(): Store {
  let view = initialView;
  const listeners = new Set<() => void>();
  return {
    dispatch(event) {
      const next = reduce(view, event);
      if (next === view) return;
      view = next;
      for (const listener of listeners) listener();
    },
    getView: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
