import { rmSync } from 'node:fs';
import { askPlainly } from '../../docker/plain.ts';
import type { Heard } from '../../docker/witness.ts';
import { writeOut } from '../write-out.ts';
import {
  type Answer,
  type Asked,
  aboutContainers,
  fileOf,
  isAnswer,
  patience,
  readKept,
  surroundingsOf,
} from './answer.ts';
import { areAsSeen } from './sight.ts';

/**
 * Says what the same command said before, if all that it follows from is as it was: files, variables and what the engine and
 * published ports answer. False: nothing was said, and the command is to be run.
 */
export async function repeat(asked: Asked): Promise<boolean> {
  const answer = await answerStillTrue(asked).catch(() => undefined);
  for (const [stream, text] of answer?.said ?? []) writeOut(stream, text);
  return answer !== undefined;
}

/** Rejects where that cannot be found out: what fails is told by the command, if it fails again. */
async function answerStillTrue(asked: Asked): Promise<Answer | undefined> {
  const answer = keptAnswer(asked);
  if (answer === undefined) return undefined;
  const { looks, engine } = answer;
  if (!areAsSeen(looks)) return undefined;
  const signal = AbortSignal.timeout(patience);
  const ports = answer.ports.length === 0 ? true : arePortsAs(answer.ports, signal);
  const questions = Object.keys(engine.digests);
  const { socketPath = '' } = engine;
  const answers = Promise.all(questions.map((question) => ask(socketPath, question, signal)));
  // Waited for below, if at all.
  answers.catch(() => {});
  // Once the engine has its questions: this takes as long as its answers.
  await new Promise((resolve) => setImmediate(resolve));
  if (surroundingsOf(process.env) !== answer.surroundings) return undefined;
  try {
    const heard = await answers;
    const containers = aboutContainers(heard);
    const isSame = heard.every(({ question, status, text }) => {
      const digests = engine.digests[question];
      return digests !== undefined && isAnswer(digests, { status, text, containers });
    });
    return isSame && (await ports) ? answer : undefined;
  } catch (error) {
    // Whoever is too slow now is not asked in vain the next time.
    rmSync(fileOf(asked), { force: true });
    throw error;
  }
}

function keptAnswer(asked: Asked): Answer | undefined {
  const answer = readKept<Answer>(fileOf(asked));
  return JSON.stringify(answer?.asked) === JSON.stringify(asked) ? answer : undefined;
}

/** Rejects if one takes too long. */
async function arePortsAs(ports: Answer['ports'], signal: AbortSignal): Promise<boolean> {
  const { askPort } = await import('../../docker/answers.ts');
  const answers = await Promise.all(ports.map(([port]) => askPort({ host: '127.0.0.1' }, port, signal)));
  if (answers.every((now, index) => JSON.stringify(now) === JSON.stringify(ports[index]?.[1]))) return true;
  signal.throwIfAborted();
  return false;
}

/** One question to an engine. What else speaks HTTP here takes longer to load than this to be answered. */
async function ask(
  socketPath: string,
  question: string,
  signal: AbortSignal,
): Promise<Omit<Heard, 'version'>> {
  const { status, body } = await askPlainly(
    { protocol: 'http', socketPath },
    { method: 'GET', path: question, signal },
  );
  return { question, status, text: Buffer.concat(await body.toArray()).toString('utf8') };
}
