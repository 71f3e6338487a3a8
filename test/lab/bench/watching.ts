import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withResolvers } from '../../../src/model/resolvers.ts';
import { openTerminal, type Terminal } from '../../helpers/terminal.ts';
import { readUse } from '../soak/samples.ts';
import { type Contender, pause, processTree, run, write } from './contender.ts';
import { image, labels, manyFiles } from './files.ts';
import type { Limit } from './limit.ts';
import type { Scenario } from './scenario.ts';

const patience = 60_000;

/** What watches for a contender, until it is ended. */
const watchers = new WeakMap<Contender, ChildProcess>();
const terminals = new WeakMap<Contender, Terminal>();

const twoServices = `services:
  web:
    image: ${image}
    ${labels}
    stop_grace_period: 0s
    command: [sh, -c, "mkdir -p /app && exec sleep infinity"]
    develop: {watch: [{action: sync, path: ./src, target: /app}]}
  api:
    build: ./api
    ${labels}
    stop_grace_period: 0s
    develop: {watch: [{action: rebuild, path: ./api/src}]}
`;

async function watch(contender: Contender, limit: Limit): Promise<void> {
  write(contender, 'compose.yaml', twoServices);
  write(contender, 'src/probe', 'none\n');
  write(contender, 'api/Dockerfile', dockerfile);
  write(contender, 'api/src/content', contentOf(contender));
  await run(contender, ['up', '-d', '--build']);
  if (contender.name === 'limit') return;
  const log = path.join(contender.folder, 'watch.log');
  const [program = '', ...first] = contender.command;
  const watcher = spawn(program, [...first, 'watch'], {
    cwd: contender.folder,
    env: contender.environment,
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
  });
  watchers.set(contender, watcher);
  // It watches when something comes through.
  for (const end = performance.now() + patience; ; ) {
    const came = await sync(contender, limit, 2000).then(
      () => true,
      () => false,
    );
    if (came) return;
    if (watcher.exitCode !== null || performance.now() > end)
      throw new Error(`watch does not watch: ${readFileSync(log, 'utf8').slice(-500)}`);
  }
}

const dockerfile = `FROM ${image}\nCOPY src /app\nCMD ["sleep", "infinity"]\n`;
const contentOf = ({ project, round }: Contender): string => `${project} ${round}\n`;

/** From the save to the file in the container, which is looked into from here. */
async function sync(contender: Contender, limit: Limit, within = patience): Promise<number> {
  const name = limit.nameOf(contender.project, 'web');
  const file = `/proc/${await limit.pidOf(name)}/root/app/probe`;
  await pause(200 + Math.random() * 500); // not in step with anyone's clock
  const began = performance.now();
  const text = `saved ${began}\n`;
  write(contender, 'src/probe', text);
  if (contender.name === 'limit') await limit.put(name, '/app', { probe: text });
  while (textOf(file) !== text) {
    if (performance.now() - began > within) throw new Error('the file did not arrive');
    await pause(1);
  }
  return performance.now() - began;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // not yet, or it is just being put there
  }
}

/** From the save to a container that runs with it. */
async function rebuild(contender: Contender, limit: Limit): Promise<number> {
  const { project } = contender;
  const content = contentOf(contender);
  const seen = withResolvers<number>();
  const unfollow = await limit.events(project, ['start'], async (id) => {
    const now = performance.now();
    const there = await limit.read(id, '/app/content').catch(() => '');
    if (there.includes(content)) seen.resolve(now);
  });
  try {
    await pause(500 + Math.random() * 500);
    const began = performance.now();
    write(contender, 'api/src/content', content);
    if (contender.name === 'limit') {
      const tag = `${project}-api`;
      await limit.build(tag, { Dockerfile: dockerfile, 'src/content': content });
      await limit.replace(project, 'api', { image: tag });
    }
    return (await soon(seen.promise, patience, 'no container runs the change')) - began;
  } finally {
    unfollow();
  }
}

async function end(contender: Contender): Promise<void> {
  terminals.get(contender)?.dispose();
  const watcher = watchers.get(contender);
  if (watcher === undefined || watcher.exitCode !== null) return;
  const ended = once(watcher, 'exit');
  watcher.kill('SIGINT');
  await soon(ended, 10_000, 'watch does not end').catch(() => watcher.kill('SIGKILL'));
}

const idleSeconds = 20;

/** Attached in a terminal, with so many files watched, while nothing happens. */
function idle(count: number): Scenario {
  const told = `attached, idle, ${count.toLocaleString('en')} watched files`;
  return {
    name: `idle-${count}`,
    rounds: 1,
    linux: true,
    async prepare(contender, limit) {
      write(
        contender,
        'compose.yaml',
        `services:
  web:
    image: ${image}
    ${labels}
    stop_grace_period: 0s
    command: [sh, -c, "mkdir -p /app && exec sleep infinity"]
    develop: {watch: [{action: sync, path: ./src, target: /app}]}
`,
      );
      manyFiles(path.join(contender.folder, 'src'), count, 200);
      const [command = '', ...first] = contender.command;
      terminals.set(
        contender,
        openTerminal({
          command,
          args: [...first, 'up', ...(contender.name === 'compose' ? ['--watch'] : [])],
          cwd: contender.folder,
          env: contender.environment,
          columns: 120,
          rows: 36,
        }),
      );
      for (const until = performance.now() + patience; ; await pause(200)) {
        if (performance.now() > until) throw new Error('up does not watch');
        if ((await limit.list(contender.project, false)).length === 0) continue;
        const came = await sync(contender, limit, 3000).then(
          () => true,
          () => false,
        );
        if (came) break;
      }
      await pause(2000);
    },
    steps: [
      {
        row: `idle-${count}-cpu`,
        told: `${told}: processor, of one core`,
        unit: '% CPU',
        most: 1,
        async does(contender) {
          const before = readUses(contender).cpu;
          await pause(idleSeconds * 1000);
          return ((readUses(contender).cpu - before) / idleSeconds) * 100;
        },
      },
      {
        row: `idle-${count}-memory`,
        told: `${told}: memory`,
        unit: 'MB',
        bar: 1,
        most: 120,
        does: async (contender) => readUses(contender).memory / 1024 / 1024,
      },
    ],
    finish: end,
  };
}

function readUses(contender: Contender): { readonly cpu: number; readonly memory: number } {
  const terminal = terminals.get(contender);
  const uses = terminal === undefined ? [] : processTree(terminal.pid).map((pid) => readUse(pid));
  if (uses.length === 0 || uses[0] === undefined) throw new Error('up has ended');
  return {
    cpu: uses.reduce((sum, use) => sum + (use?.cpu ?? 0), 0),
    memory: uses.reduce((sum, use) => sum + (use?.memory ?? 0), 0),
  };
}

function soon<T>(promise: Promise<T>, milliseconds: number, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const watching: readonly Scenario[] = [
  {
    name: 'watch',
    rounds: 10,
    linux: true,
    prepare: watch,
    steps: [
      {
        row: 'watch-sync',
        told: '`watch`: saved → file in the container',
        bar: 0.1,
        most: 50,
        does: sync,
        limit: sync,
      },
      {
        row: 'watch-rebuild',
        told: '`watch`: saved → rebuilt container runs',
        bar: 0.45,
        does: rebuild,
        limit: rebuild,
      },
    ],
    finish: end,
  },
  idle(10_000),
  idle(50_000),
];
