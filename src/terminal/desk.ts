/** What a person at the screen can have done, beside leaving it. Services by name; none: all. */
export type Order =
  | {
      readonly kind: 'start' | 'stop' | 'restart' | 'pause' | 'unpause' | 'kill' | 'rebuild' | 'recreate';
      readonly services: readonly string[];
    }
  | { readonly kind: 'scale'; readonly service: string; readonly count: number }
  /** A one-off container; the text is what follows `stack run SERVICE`. */
  | { readonly kind: 'run'; readonly service: string; readonly text: string }
  | { readonly kind: 'shell'; readonly service: string; readonly number: number }
  | { readonly kind: 'open'; readonly url: string }
  | { readonly kind: 'copy'; readonly text: string }
  /** Lines of logs, with the path that was asked for. */
  | { readonly kind: 'save'; readonly path: string; readonly text: string }
  | { readonly kind: 'edit'; readonly text: string }
  /** What the file says now is carried out; `removes`: also if these containers are removed by it, by name. */
  | { readonly kind: 'apply'; readonly removes?: readonly string[] }
  | { readonly kind: 'watch'; readonly on: boolean }
  | { readonly kind: 'down' };

/** What can be looked up about a service. */
export type Subject = 'environment' | 'why' | 'plan' | 'processes' | 'inspect';

/** Lends the terminal to other work, as it was before the screen was there, and takes it back afterwards. */
export type Lend = <T>(work: () => Promise<T>) => Promise<T>;

/** What a screen orders and asks for; whoever opened it carries it out. */
export interface Desk {
  /** Whether an order of this kind can be given here at all; the others are not offered. */
  offers(kind: Order['kind']): boolean;
  /**
   * Carries an order out; what happens is told by events. Resolves with what is worth saying about it, e.g. a path;
   * rejects with `ProblemsError`.
   */
  act(order: Order, lend: Lend): Promise<string | undefined>;
  /** Lines about a service, which may be coloured and are still to be made harmless; rejects with `ProblemsError`. */
  read(subject: Subject, service: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Until the signal is aborted, what containers use is told by events. */
  measure(signal: AbortSignal): void;
}
