import { sanitiseField } from '../report/sanitise.ts';
import type { GlobalOptions } from './program.ts';
import { questionsOn } from './questions.ts';

/** What asks whether volumes are to be made anew; as with Docker Compose what is no terminal is read as the answer. */
export function volumeQuestion(
  globals: GlobalOptions,
  signal: AbortSignal,
): (volumes: readonly string[]) => Promise<boolean> {
  return async (volumes) => {
    const [what, it] = volumes.length === 1 ? ['volume', 'it'] : ['volumes', 'them'];
    const told = `${what} ${volumes.map(sanitiseField).join(', ')} exist${it === 'it' ? 's' : ''} with other settings`;
    const stream = globals.json === true ? process.stderr : process.stdout;
    const question = `${told}; make ${it} anew, ${globals.asCompose ? 'and lose' : 'without'} the data? [yN] `;
    const questions = questionsOn(stream, signal);
    const isWanted = await questions.ask(process.stdin.isTTY === true ? question : `${question}\n`);
    questions.end();
    return isWanted;
  };
}
