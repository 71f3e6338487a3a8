import { writeSync } from 'node:fs';
import net from 'node:net';
import { readOwn } from '../own-file.ts';
import { type Answer, type Asked, digestOfAnswer, fileOf, form, longest, surroundingsOf } from './answer.ts';
import { lookAt } from './looks.ts';

/**
 * Says what the same command said before, if all that it follows from is as it was: files, variables and what the engine and
 * published ports answer. False: nothing was said, and the command is to be run.
 */
export async function repeat(asked: Asked): Promise<boolean> {
  const answer = keptAnswer(asked);
  if (answer === undefined) return false;
  const { looks, engine, ports, said } = answer;
  if (!Object.entries(looks).every(([place, text]) => lookAt(place).text === text)) return false;
  const questions = Object.entries(engine.digests);
  const doors = ports.length === 0 ? true : arePortsAs(ports);
  const answers = Promise.all(questions.map(([question]) => ask(engine.socketPath, question)));
  // What fails is told by the command, if it fails again.
  answers.catch(() => {});
  // Once the engine has its questions: this takes as long as its answers.
  await new Promise((resolve) => setImmediate(resolve));
  if (surroundingsOf(process.env) !== answer.variables) return false;
  try {
    const heard = await answers;
    const isSame = heard.every(
      ({ status, text }, index) => digestOfAnswer(status, text) === questions[index]?.[1],
    );
    if (!isSame || !(await doors)) return false;
  } catch {
    return false;
  }
  for (const [stream, text] of said) writeSync(stream === 'stdout' ? 1 : 2, text);
  return true;
}

/** How long the engine and ports have for their answers, in milliseconds. */
const patience = 500;

function keptAnswer(asked: Asked): Answer | undefined {
  try {
    const answer: Answer = JSON.parse(readOwn(fileOf(asked)).toString());
    const age = Date.now() - answer.at;
    const isMeant = answer.v === form && JSON.stringify(answer.asked) === JSON.stringify(asked);
    return isMeant && age >= 0 && age < longest ? answer : undefined;
  } catch {
    // None was kept.
    return undefined;
  }
}

async function arePortsAs(ports: Answer['ports']): Promise<boolean> {
  const { askPort } = await import('../../docker/answers.ts');
  const signal = AbortSignal.timeout(patience);
  const answers = await Promise.all(ports.map(([port]) => askPort({ host: '127.0.0.1' }, port, signal)));
  return answers.every((now, index) => JSON.stringify(now) === JSON.stringify(ports[index]?.[1]));
}

/**
 * One question to an engine, in the old form of HTTP: the answer is all that comes until the connection ends. What else speaks
 * HTTP takes longer to load than this to be answered.
 */
function ask(
  socketPath: string,
  question: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    const pieces: Buffer[] = [];
    socket.setTimeout(patience, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
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
