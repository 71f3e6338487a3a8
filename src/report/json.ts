import type { CommandEnded, Event } from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import { addressesOfService } from './addresses.ts';
import { withoutSecrets } from './problems.ts';
import { initialView, isSameProblem, reduce } from './reduce.ts';
import { isReady } from './state.ts';
import type { View } from './view.ts';

/** What a terminal would obey or be misled by; JSON itself escapes only the controls of ASCII. */
const unsafe = /[\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g;

/** A listener that writes each event as one line of JSON: the version of the form, the time, then the event as it is. */
export function jsonReporter(write: (text: string) => void): (event: Event) => void {
  return ({ at, ...event }) => {
    const shown = 'problem' in event ? { ...event, problem: withoutSecrets(event.problem) } : event;
    write(jsonLine({ v: 1, ts: new Date(at).toISOString(), ...shown }));
  };
}

/** The events of a command that acts, and in the end its verdict. */
export interface JsonEvents {
  readonly listener: (event: Event) => void;
  /** Tells what went wrong and was not told as it happened, and the verdict. */
  end(outcome: { readonly exitCode: number; readonly problems: readonly Problem[] }, at: number): void;
}

export function jsonEvents(write: (text: string) => void): JsonEvents {
  const report = jsonReporter(write);
  let view = initialView;
  let began: number | undefined;
  const listener = (event: Event): void => {
    began ??= event.at;
    view = reduce(view, event);
    report(event);
  };
  return {
    listener,
    end({ exitCode, problems }, at) {
      for (const problem of problems) {
        if (view.problems.some((other) => isSameProblem(other, problem))) continue;
        listener({ type: 'problem-found', problem, at });
      }
      listener({ ...verdict(view, exitCode, at - (began ?? at)), at });
    },
  };
}

function verdict({ services, problems }: View, exitCode: number, milliseconds: number): CommandEnded {
  return {
    type: 'command-ended',
    exitCode,
    milliseconds,
    errors: problems.filter(({ severity }) => severity === 'error').length,
    services: services.map((service) => ({
      name: service.name,
      state: service.state,
      ready: isReady(service.state),
      addresses: addressesOfService(service).map(({ text }) => text),
    })),
  };
}

/** A value as one line of JSON that says the same but has no character that could harm a terminal. */
export function jsonLine(value: object): string {
  const escaped = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(unsafe, escaped)}\n`;
}
