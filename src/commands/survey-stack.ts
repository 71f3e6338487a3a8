import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Facts } from '../model/facts.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { check } from './check.ts';
import { gathered } from './gathered.ts';
import { hindrancesInPart, hindrancesOf, loadInPart, type Onlooking } from './preflight.ts';

/** What is wrong with the stack of the current folder and what is in its way; undefined where there is none. */
export async function surveyStack(
  request: LoadRequest,
  engine: Onlooking | undefined,
): Promise<Facts['stack']> {
  const found = await check(request);
  if (found.some(({ code }) => code === 'no-stack-file')) return undefined;
  const { name, read, problems } = await look(request, engine);
  // The time is told of the engine as a whole.
  const more = problems.filter(({ code }) => code !== 'clock-wrong');
  return { name, problems: gathered([...found, ...more], read) };
}

interface Looked {
  readonly name: string;
  readonly read: readonly string[];
  readonly problems: readonly Problem[];
}

async function look(request: LoadRequest, engine: Onlooking | undefined): Promise<Looked> {
  try {
    const loaded = await loadStack(request);
    const problems = engine === undefined ? [] : await hindrancesOf(loaded, engine);
    return { name: loaded.stack.name, read: loaded.read, problems };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const loaded = await loadInPart(request, error.problems);
    if (loaded === undefined) return { name: '', read: [], problems: [] };
    const problems = engine === undefined ? [] : await hindrancesInPart(loaded, engine);
    return { name: loaded.stack.name, read: loaded.read, problems };
  }
}
