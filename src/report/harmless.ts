import type { Event } from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import {
  type SanitiseOptions,
  sanitiseField,
  sanitiseInPlace,
  sanitiseLine,
  sanitiseText,
} from './sanitise.ts';

type Rule = (text: string) => string;

const severalLines: Rule = (text) => sanitiseText(text, { colour: false }).join('\n');

/** What is no word or name of one line. */
const rulesOfProblems: readonly (readonly [key: string, rule: Rule])[] = [
  ['hint', severalLines],
  ['cause', severalLines],
  ['sourceLine', sanitiseInPlace],
];

/**
 * An event of which every text can be shown as it is. Names, titles and reasons come from files, labels and engines as
 * much as output does; made harmless where they enter, no screen can forget it. Only output keeps its colours.
 */
export function sanitiseEvent(event: Event, { colour }: SanitiseOptions): Event {
  return sanitise(event, colour ? rulesInColour : rulesWithoutColour);
}

const rulesInColour = rulesWith({ colour: true });
const rulesWithoutColour = rulesWith({ colour: false });

function rulesWith(options: SanitiseOptions): ReadonlyMap<string, Rule> {
  return new Map([...rulesOfProblems, ['lines', (line) => sanitiseLine(line, options)]]);
}

/** The same for a problem that comes without an event. */
export function sanitiseProblem(problem: Problem): Problem {
  return sanitise(problem, new Map(rulesOfProblems));
}

function sanitise<T>(value: T, rules: ReadonlyMap<string, Rule>, rule: Rule = sanitiseField): T {
  if (typeof value === 'string') return rule(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => sanitise(item, rules, rule)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sanitise(inner, rules, rules.get(key))]);
  return Object.fromEntries(entries) as T;
}
