import type { Event } from '../model/event.ts';

/** What a terminal would obey or be misled by; JSON itself escapes only the controls of ASCII. */
const unsafe = /[\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g;

/** A listener that writes each event as one line of JSON: the version of the form, the time, then the event as it is. */
export function jsonReporter(write: (text: string) => void): (event: Event) => void {
  return ({ at, ...event }) => write(jsonLine({ v: 1, ts: new Date(at).toISOString(), ...event }));
}

/** A value as one line of JSON that says the same but has no character that could harm a terminal. */
export function jsonLine(value: object): string {
  const escaped = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(unsafe, escaped)}\n`;
}
