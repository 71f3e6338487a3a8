import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { launcher, type Running, type TestProject, underTest } from '../helpers/project.ts';
import { type CallFault, openEngineProxy } from '../helpers/proxy.ts';
import { type Lack, lacking } from './machine.ts';
import { judge, remains, type Scenario, type Trial } from './scenarios.ts';
import { clear, type Found, lookAt, readData } from './stack.ts';

/** One of the calls of a command: which, and in which way it goes wrong. */
export interface CallCase {
  /** `POST /containers/{}/start`. */
  readonly call: string;
  readonly nth: number;
  readonly fault: CallFault;
}

/** A signal that the command gets when its `nth` call comes in. */
export interface SignalCase {
  readonly signal: NodeJS.Signals;
  readonly nth: number;
}

/** The engine is restarted when the `nth` call of the command comes in. */
export interface RestartCase {
  readonly restartAt: number;
}

/** Something that the machine lacks. */
export interface LackCase {
  readonly lack: Lack;
}

export type FaultCase = CallCase | SignalCase | RestartCase | LackCase;

export interface Verdict {
  /** What was to go wrong did. */
  readonly tried: boolean;
  /** Empty: it survived. */
  readonly wrong: readonly string[];
  /** It ended with an error although it had done all. */
  readonly isTimid: boolean;
  /** What it said. */
  readonly output: string;
}

/** What a command asks of the engine when nothing goes wrong, and what it leads to. */
export interface Recording {
  /** In order. */
  readonly calls: readonly string[];
  readonly wanted: Found;
}

/** After so long a command that hangs is ended, in milliseconds. */
const patience = 40_000;
/** How long the command itself waits for an engine that says nothing, in seconds. */
const commandPatience = '4';

/** Runs a command without faults and tells its calls. The project is to have nothing on the engine. */
export async function record(scenario: Scenario, project: TestProject): Promise<Recording> {
  if (!scenario.shared) await scenario.prepare(project);
  const proxy = await openEngineProxy();
  try {
    const trial = openTrial({
      project,
      proxy,
      wanted: undefined,
      data: '',
      mark: 'recorded',
      hangs: false,
      restarts: false,
      isEnded: false,
    });
    const { wrong, output } = await scenario.attempt(trial);
    const calls = proxy.requests().map(templateOf);
    const left = [...wrong, ...(await trial.leaks()), ...(await scenario.again(trial))];
    if (left.length > 0) throw new Error(`${scenario.name} without any fault: ${left.join('; ')}\n${output}`);
    return { calls, wanted: await lookAt(project) };
  } finally {
    await proxy.close();
    if (!scenario.shared) await clear(project);
  }
}

/** Tries one case, and leaves the project as it was before. */
export async function tryCase(
  scenario: Scenario,
  { wanted }: Recording,
  one: FaultCase,
  project: TestProject,
  mark: string,
): Promise<Verdict> {
  if (!scenario.shared) await scenario.prepare(project);
  const data = scenario.shared || scenario.name.startsWith('up') ? '' : await readData(project);
  const proxy = await openEngineProxy();
  let running: Pick<Running, 'signal'> | undefined;
  try {
    const hangs = 'fault' in one && one.fault === 'hang';
    const restarts = 'restartAt' in one;
    const isEnded = hangs || 'signal' in one;
    const lack = 'lack' in one ? one.lack : undefined;
    const trial = openTrial({ project, proxy, wanted, data, mark, hangs, restarts, isEnded }, lack);
    running = trial;
    let tried = lack !== undefined;
    if ('fault' in one) proxy.spoil((request) => templateOf(request) === one.call, one.nth, one.fault);
    else if ('signal' in one)
      proxy.at(one.nth, () => {
        tried = true;
        trial.signal(one.signal);
      });
    else if ('restartAt' in one)
      proxy.at(one.restartAt, () => {
        tried = true;
        trial.meanwhile(restartEngine());
      });
    const attempt = await scenario.attempt(trial);
    if ('fault' in one) tried = proxy.isSpoiled();
    const isDone = attempt.code !== 0 && attempt.code !== 130 && isSame(await lookAt(project), wanted);
    const isKilled = 'signal' in one && one.signal === 'SIGKILL';
    // What is killed says nothing, and may leave what the next run removes.
    const wrong = isKilled ? [] : [...judge(attempt), ...attempt.wrong, ...(await trial.leaks())];
    proxy.restore();
    const later = [
      ...(await scenario.again(trial)),
      ...(await remains(trial, !scenario.shared)),
      // Locks of the dead hold nobody up.
      ...(await trial.leaks()).filter((what) => attempt.code !== null || !what.includes('lock')),
    ];
    return {
      tried,
      wrong: [...wrong, ...later.map((what) => `after the next run: ${what}`)],
      isTimid: !scenario.shared && isDone,
      output: attempt.output,
    };
  } finally {
    // Of what could not be tried to its end, too.
    running?.signal('SIGKILL');
    await proxy.close();
    if (!scenario.shared) await clear(project);
  }
}

/** A trial whose command has folders of its own for what is to be gone when it ends. */
function openTrial(
  known: Omit<Trial, 'start' | 'quiet'>,
  lack?: Lack,
): Trial & {
  /** What the command has left behind on this machine. */
  leaks(): Promise<readonly string[]>;
  signal(name: NodeJS.Signals): void;
  /** Something that is to be over before anyone looks what has become of the command. */
  meanwhile(work: Promise<unknown>): void;
} {
  const { project, proxy } = known;
  const temporary = path.join(`${project.directory}.state`, 'tmp');
  const locks = path.join(`${project.directory}.state`, 'run');
  for (const folder of [temporary, locks]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const folders = {
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: locks,
    // Of Node.js itself, which would have it in the folder for temporary files.
    NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'node-compile-cache'),
  };
  let last: Running | undefined;
  let meanwhile: Promise<unknown> = Promise.resolve();
  const start: TestProject['start'] = (words, options = {}) =>
    project.start(words, {
      ...options,
      environment: { ...folders, ...options.environment },
    });
  return {
    ...known,
    project: { ...project, start, run: (words, options) => start(words, options).finished },
    start(words, environment = {}) {
      const options = {
        environment: { DOCKER_HOST: proxy.host, COMPOSE_HTTP_TIMEOUT: commandPatience, ...environment },
      };
      const running =
        lack === undefined
          ? start(words, options)
          : project.startOther('sh', lacking(lack, [underTest, launcher, ...words]), {
              environment: { ...folders, ...options.environment },
            });
      last = running;
      if (known.hangs)
        void running.waitFor(/still waiting/).then(
          () => running.signal('SIGINT'),
          () => {},
        );
      const timer = setTimeout(() => running.signal('SIGKILL'), patience);
      const finished = running.finished.finally(async () => {
        clearTimeout(timer);
        await meanwhile;
      });
      return { ...running, finished };
    },
    signal: (name) => last?.signal(name),
    async quiet() {
      await meanwhile;
      await proxy.isBack();
    },
    meanwhile(work) {
      meanwhile = work;
    },
    leaks: async () => [
      ...filesIn(temporary).map((file) => `left ${file} in the folder for temporary files`),
      ...filesIn(locks).map((file) => `left the lock ${file}`),
      ...processesWith(`TMPDIR=${temporary}`).map((command) => `left a process: ${command}`),
      ...((await proxy.isQuiet()) ? [] : ['left a connection to the engine']),
    ],
  };
}

/** The shell command that restarts the engine and comes back when it answers; absent: that is not tried. */
export const restartCommand = process.env.STACK_FAULTS_RESTART;

async function restartEngine(): Promise<void> {
  if (restartCommand !== undefined) await promisify(execFile)('sh', ['-c', restartCommand]);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);
}

/** What runs with a variable in its environment. Linux only; elsewhere no process is found. */
function processesWith(variable: string): readonly string[] {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return ''; // it has ended
    }
  };
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(name, 'environ').split('\0').includes(variable))
    .map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '));
}

function isSame(found: Found, wanted: Found): boolean {
  return JSON.stringify({ ...found, nameless: 0 }) === JSON.stringify({ ...wanted, nameless: 0 });
}

/** A call without what differs from project to project and from run to run. */
export function templateOf(request: string): string {
  return request
    .replace(/ \/v\d+\.\d+\//, ' /')
    .replace(/\?.*/, '')
    .replace(/ \/(containers|exec|networks|volumes)\/(?!json\b|create\b|prune\b)[^/]+/, ' /$1/{}')
    .replace(
      / \/images\/(?!json\b|create\b|load\b|prune\b).*?(\/(?:json|push|tag|history|get))?$/,
      ' /images/{}$1',
    );
}
