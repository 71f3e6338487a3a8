import { rmSync } from 'node:fs';
import net from 'node:net';
import { readOwn } from '../own-file.ts';
import { writeOut } from '../write-out.ts';
import {
  type Answer,
  type Asked,
  aboutContainers,
  fileOf,
  form,
  isAnswer,
  longest,
  patience,
  surroundingsOf,
} from './answer.ts';
import { lookAt } from './looks.ts';

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
  if (!Object.entries(looks).every(([place, text]) => lookAt(place).text === text)) return undefined;
  const ports = answer.ports.length === 0 ? true : arePortsAs(answer.ports);
  const questions = Object.entries(engine.digests);
  const answers = Promise.all(questions.map(([question]) => ask(engine.socketPath, question)));
  // Waited for below, if at all.
  answers.catch(() => {});
  // Once the engine has its questions: this takes as long as its answers.
  await new Promise((resolve) => setImmediate(resolve));
  if (surroundingsOf(process.env) !== answer.surroundings) return undefined;
  try {
    const heard = await answers;
    const containers = aboutContainers(
      heard.map(({ text }, index) => ({ question: questions[index]?.[0] ?? '', text })),
    );
    const isSame = heard.every((one, index) => {
      const digests = questions[index]?.[1];
      return digests !== undefined && isAnswer(digests, { ...one, containers });
    });
    return isSame && (await ports) ? answer : undefined;
  } catch (error) {
    // Whoever is too slow now is not asked in vain the next time.
    rmSync(fileOf(asked), { force: true });
    throw error;
  }
}

function keptAnswer(asked: Asked): Answer | undefined {
  const answer: Answer = JSON.parse(readOwn(fileOf(asked)).toString());
  const age = Date.now() - answer.at;
  const isMeant = answer.v === form && JSON.stringify(answer.asked) === JSON.stringify(asked);
  return isMeant && age >= 0 && age < longest ? answer : undefined;
}

/** Rejects if one takes too long. */
async function arePortsAs(ports: Answer['ports']): Promise<boolean> {
  const { askPort } = await import('../../docker/answers.ts');
  const signal = AbortSignal.timeout(patience);
  const answers = await Promise.all(ports.map(([port]) => askPort({ host: '127.0.0.1' }, port, signal)));
  if (answers.every((now, index) => JSON.stringify(now) === JSON.stringify(ports[index]?.[1]))) return true;
  signal.throwIfAborted();
  return false;
}

/**
 * One question to an engine, in the old form of HTTP: the answer is all that comes until the connection ends. What else speaks
 * HTTP takes longer to load than this to be answered. Rejects if there is none in time.
 */
function ask(
  socketPath: string,
  question: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    const pieces: Buffer[] = [];
    const late = setTimeout(() => socket.destroy(new Error('no answer in time')), patience);
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => clearTimeout(late));
    socket.on('end', () => {
      const whole = Buffer.concat(pieces);
      const head = whole.indexOf('\r\n\r\n');
      const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(whole.toString('latin1', 0, 12)) ?? [];
      if (head < 0 || status === '') reject(new Error('no answer'));
      else resolve({ status: Number(status), text: whole.toString('utf8', head + 4) });
    });
    socket.write(`GET ${question} HTTP/1.0\r\nHost: localhost\r\n\r\n`);
  });
}
