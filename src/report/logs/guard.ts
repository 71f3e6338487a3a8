import { createContext, Script } from 'node:vm';

/** A regular expression of a person's that may take as good as for ever, kept from holding up all else. */
export interface Guard {
  /** Whether each of the texts has a match. */
  test(texts: readonly string[]): readonly boolean[];
  /** All matches of a text. */
  places(text: string): readonly RegExpMatchArray[];
  /** It took too long once, and has matched nothing since. */
  isGivenUp(): boolean;
}

/** For so many milliseconds a screen may stand still, once. */
const patience = 500;

const tests = new Script('texts.map((text) => regex.test(text))');
const places = new Script('[...texts[0].matchAll(everywhere)]');

/** Runs where it can be broken off, which costs a tenth of a millisecond each time: many texts are better tried at once. */
export function createGuard(regex: RegExp, everywhere: RegExp): Guard {
  const sandbox = { regex, everywhere, texts: [] as readonly string[] };
  const context = createContext(sandbox);
  let isGivenUp = false;
  const run = <T>(script: Script, texts: readonly string[]): readonly T[] => {
    if (isGivenUp) return [];
    sandbox.texts = texts;
    try {
      return script.runInContext(context, { timeout: patience }) as readonly T[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      isGivenUp = true;
      return [];
    }
  };
  return {
    test(texts) {
      const found = run<boolean>(tests, texts);
      return isGivenUp ? texts.map(() => false) : found;
    },
    places: (text) => run(places, [text]),
    isGivenUp: () => isGivenUp,
  };
}

/**
 * Whether a regular expression may try so many ways that it takes for ever: repetitions or choices within a repetition,
 * references back, and more than two repetitions without an end in one.
 */
export function isRisky(source: string): boolean {
  if (/\\[1-9k]/.test(source)) return true;
  let plain = source.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x');
  if ((plain.match(/[*+]|\{\d+,\}/g) ?? []).length > 2) return true;
  for (;;) {
    const group = /\((?:\?[:=!]|\?<[^>]*>|\?<[=!])?([^()]*)\)([*+{]?)/.exec(plain);
    if (group === null) return false;
    const [whole, inside = '', repeated = ''] = group;
    const varies = /[*+{|?]/.test(inside);
    if (varies && repeated !== '') return true;
    plain = plain.replace(whole, () => (varies ? 'x+' : `x${repeated}`));
  }
}
