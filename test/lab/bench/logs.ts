import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { withResolvers } from '../../../src/model/resolvers.ts';
import { type Contender, pause, peakMemory, run, write } from './contender.ts';
import { image, labels } from './files.ts';
import { eachLine, type Limit } from './limit.ts';
import type { Scenario } from './scenario.ts';

const writers = ['a', 'b', 'c', 'd', 'e'];
const linesOfEach = 200_000;
const bytesOfLine = 100;
const words = ['logs', '--no-log-prefix'];

const writing = `services:
${writers
  .map(
    (name) => `  ${name}:
    image: ${image}
    ${labels}
    stop_grace_period: 0s
    command: [sh, -c, "yes ${name.repeat(bytesOfLine - 1)} | head -n ${linesOfEach}; touch /done; exec sleep infinity"]
`,
  )
  .join('')}`;

const echoing = `services:
  echo: {image: ${image}, ${labels}, stop_grace_period: 0s, stdin_open: true, command: [cat]}
`;

function expectAll({ folder }: Contender): void {
  const { size } = statSync(path.join(folder, 'out'));
  const all = writers.length * linesOfEach * bytesOfLine;
  if (size !== all) throw new Error(`${size} bytes came, not ${all}`);
}

const followers = new WeakMap<
  Contender,
  { readonly process?: ChildProcess; readonly lines: Set<(line: string) => void> }
>();

async function follow(contender: Contender, limit: Limit): Promise<void> {
  write(contender, 'compose.yaml', echoing);
  await run(contender, ['up', '-d']);
  const lines = new Set<(line: string) => void>();
  const tell = (line: string): void => {
    for (const told of lines) told(line);
  };
  if (contender.name === 'limit') {
    void eachLine(await limit.follow(limit.nameOf(contender.project, 'echo')), tell);
    followers.set(contender, { lines });
    return;
  }
  const [program = '', ...first] = contender.command;
  const child = spawn(program, [...first, ...words, '-f'], {
    cwd: contender.folder,
    env: contender.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  void eachLine(child.stdout, tell);
  followers.set(contender, { process: child, lines });
}

/** From a line that the service writes to its being printed. */
async function latency(contender: Contender, limit: Limit): Promise<number> {
  const lines = followers.get(contender)?.lines;
  await pause(100 + Math.random() * 150);
  const input = await limit.openInput(limit.nameOf(contender.project, 'echo'));
  await pause(50);
  const wanted = `line ${Math.random()}`;
  const seen = withResolvers<number>();
  const look = (line: string): void => {
    if (line.includes(wanted)) seen.resolve(performance.now());
  };
  lines?.add(look);
  const late = setTimeout(() => seen.reject(new Error('the line did not come')), 10_000);
  try {
    const began = performance.now();
    input.write(`${wanted}\n`);
    return (await seen.promise) - began;
  } finally {
    clearTimeout(late);
    lines?.delete(look);
    input.destroy();
  }
}

export const logs: readonly Scenario[] = [
  {
    name: 'logs',
    rounds: 3,
    linux: true,
    async prepare(contender, limit) {
      write(contender, 'compose.yaml', writing);
      await run(contender, ['up', '-d']);
      for (const name of writers) {
        const container = limit.nameOf(contender.project, name);
        while (
          !(await limit.read(container, '/done').then(
            () => true,
            () => false,
          ))
        )
          await pause(200);
      }
    },
    steps: [
      {
        row: 'logs',
        told: '`logs` of 1,000,000 lines of 5 services',
        bar: 0.9,
        does: async (contender) => (await run(contender, words, { into: 'out' })).milliseconds,
        limit: ({ project }, limit) =>
          Promise.all(writers.map((name) => limit.readLog(limit.nameOf(project, name)))),
        after: (contender) => contender.name === 'limit' || expectAll(contender),
      },
      {
        row: 'logs-memory',
        told: '`logs` of 1,000,000 lines: most memory',
        unit: 'MB',
        bar: 0.8,
        does: (contender) => peakMemory(contender, words, 'out'),
      },
    ],
  },
  {
    name: 'logs-follow',
    rounds: 20,
    prepare: follow,
    steps: [
      {
        row: 'logs-follow',
        told: '`logs -f`: written → printed',
        bar: 1,
        does: latency,
        limit: latency,
      },
    ],
    async finish(contender) {
      const child = followers.get(contender)?.process;
      if (child === undefined || child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  },
];
