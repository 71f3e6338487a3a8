import { failure } from '../model/problem.ts';

/** Reads what people write behind options; each throws `ProblemsError` for what it cannot read. */

/** A whole number; absent stays absent. */
export function readNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d+$/.test(text)) return Number(text);
  throw failure({ code: 'invalid-option', message: `${option} ${text} is not a whole number` });
}

/** The engine takes seconds since 1970; people write a date, or a duration that lies in the past. */
export function readTime(text: string): string {
  const duration = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (duration.length > 0 && duration.map(([part]) => part).join('') === text) {
    const seconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
    const ago = duration.reduce(
      (sum, [, amount, unit = 's']) => sum + Number(amount) * (seconds[unit] ?? 0),
      0,
    );
    return String(Date.now() / 1000 - ago);
  }
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return String(milliseconds / 1000);
  throw failure({
    code: 'invalid-option',
    message: `${text} is neither a time nor a duration`,
    hint: 'write a time as 2026-01-02T13:23:37Z, or a duration as 42m',
  });
}

/** One of a few words. */
export function readChoice<Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw failure({
    code: 'invalid-option',
    message: `format value "${text}" could not be parsed`,
    hint: `${option} takes ${choices.join(' or ')}`,
  });
}

/** Whether a variable that stands for an option switches it on: one of the process, or of other variables. */
export function isSwitchedOn(
  variable: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return /^(1|t|true)$/i.test(variables[variable] ?? '');
}
