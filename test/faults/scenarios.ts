import type { Finished, Running, TestProject } from '../helpers/project.ts';
import type { EngineProxy } from '../helpers/proxy.ts';
import { engineRequest } from '../lab/api.ts';
import { engineHost, type Found, lines, lookAt, readData, readInside } from './stack.ts';

/** One run of a command through a proxy that spoils one of its calls, or none. */
export interface Attempt extends Finished {
  /** What is wrong about how it ended, beside what goes for all commands. */
  readonly wrong: readonly string[];
}

/** A command, with what has to be so before it, after it, and after it was run once more. */
export interface Scenario {
  readonly name: string;
  /** Brings a project that has nothing on the engine to where the command begins; once if cases may share that. */
  prepare(project: TestProject): Promise<void>;
  readonly shared: boolean;
  /** Runs the command through the proxy. `wanted`: what a run without faults led to. */
  attempt(trial: Trial): Promise<Attempt>;
  /** Runs it again without a fault, and says what is wrong then. */
  again(trial: Trial): Promise<readonly string[]>;
}

export interface Trial {
  readonly project: TestProject;
  readonly proxy: EngineProxy;
  /** What is to be there in the end; absent: that is found out now. */
  readonly wanted: Found | undefined;
  /** What must not be lost; empty: there was nothing. */
  readonly data: string;
  /** Something never comes; then whoever waits is told, and ends that. */
  readonly hangs: boolean;
  /** The engine is restarted meanwhile, and what writes ends with it. */
  readonly restarts: boolean;
  /** Someone ends the command before it has done all. */
  readonly isEnded: boolean;
  /** Different in each case. */
  readonly mark: string;
  /** Resolves once what goes on meanwhile is over. */
  quiet(): Promise<void>;
  /** Starts the command through the proxy. */
  start(words: readonly string[], environment?: Record<string, string>): Running;
}

/** What a command says that did not do what it was to do; and what no one is to read. */
const failed = /error: |✘|failed|"severity":"error"/;
const unreadable = /^ +at .*[:(]\d+|TypeError|is not a function|Cannot read prop|\bundefined\b|\[object /m;

/** What is wrong about the end of any command. */
export function judge({ code, output }: Finished): readonly string[] {
  return [
    ...(code === null ? ['it had to be killed, or was'] : []),
    ...(code !== 0 && code !== 130 && !failed.test(output) ? [`ended with ${code} and did not say why`] : []),
    ...(unreadable.test(output) ? ['said what nobody understands'] : []),
  ];
}

export const scenarios: readonly Scenario[] = [
  converging('up', '1', async () => {}),
  converging('replace', '2', (project) => bring(project, ['up', '-d'])),
  {
    name: 'down',
    shared: false,
    prepare: (project) => bring(project, ['up', '-d']),
    async attempt(trial) {
      const ended = await trial.start(['down']).finished;
      return { ...ended, wrong: await disagreement(trial, ended) };
    },
    async again(trial) {
      return failure(await trial.project.run(['down']));
    },
  },
  {
    name: 'up attached',
    shared: false,
    prepare: async () => {},
    async attempt(trial) {
      const up = trial.start(['--json', 'up']);
      const stands = await up.waitFor(/"type":"stack-ready"/).then(
        () => true,
        () => false,
      );
      await trial.quiet();
      const wrong = stands ? difference(await lookAt(trial.project), trial.wanted) : [];
      up.signal('SIGINT');
      const ended = await up.finished;
      const isRight = stands ? ended.code === 130 : ended.code === 1 || (trial.isEnded && ended.code === 130);
      return { ...ended, wrong: isRight ? wrong : [...wrong, `ended with ${ended.code}`] };
    },
    async again(trial) {
      return failure(await trial.project.run(['up', '-d']));
    },
  },
  {
    name: 'logs -f',
    shared: true,
    prepare: (project) => bring(project, ['--profile', 'writing', 'up', '-d']),
    async attempt(trial) {
      return readLines(trial.project, (words) => trial.start(words), trial.restarts);
    },
    async again({ project }) {
      const { wrong, ...ended } = await readLines(project, (words) => project.start(words));
      return [...failure(ended), ...wrong];
    },
  },
  {
    name: 'exec',
    shared: true,
    prepare: (project) => bring(project, ['up', '-d']),
    async attempt({ project, mark, start }) {
      const ended = await start(['exec', '-T', 'db', 'sh', '-c', `echo ${mark} | tee -a /count`]).finished;
      const times = (await readInside(`${project.name}-db-1`, '/count')).split(`${mark}\n`).length - 1;
      const isTrue = ended.code === 0 ? times === 1 && ended.stdout.includes(mark) : times <= 1;
      return { ...ended, wrong: isTrue ? [] : [`ended with ${ended.code}, and was done ${times} times`] };
    },
    async again({ project, mark }) {
      const ended = await project.run(['exec', '-T', 'db', 'echo', mark]);
      return ended.stdout === `${mark}\n` ? failure(ended) : ['wrote something else'];
    },
  },
  {
    name: 'watch',
    shared: true,
    prepare: (project) => bring(project, ['up', '-d']),
    async attempt({ project, mark, start, quiet }) {
      const watch = start(watchWords);
      const wrong = await watch.waitFor(/"type":"watch-started"/).then(
        () => saveTwice(project, watch, mark, quiet),
        () => [],
      );
      watch.signal('SIGINT');
      return { ...(await watch.finished), wrong };
    },
    async again({ project, mark }) {
      const watch = project.start(watchWords);
      await watch.waitFor(/"type":"watch-started"/);
      const wrong = await saveTwice(project, watch, `${mark} again`);
      watch.signal('SIGINT');
      await watch.finished;
      return wrong;
    },
  },
];

function converging(
  name: string,
  edition: string,
  prepare: (project: TestProject) => Promise<void>,
): Scenario {
  const environment = { EDITION: edition };
  return {
    name,
    shared: false,
    prepare,
    async attempt(trial) {
      const ended = await trial.start(['up', '-d'], environment).finished;
      return { ...ended, wrong: await disagreement(trial, ended) };
    },
    async again(trial) {
      return failure(await trial.project.run(['up', '-d'], { environment }));
    },
  };
}

async function bring(project: TestProject, words: readonly string[]): Promise<void> {
  const { code, output } = await project.run(words);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code} without any fault:\n${output}`);
}

/** A command that says that all is well though it is not. */
async function disagreement(
  { project, wanted }: Trial,
  { code, output }: Finished,
): Promise<readonly string[]> {
  // What others use stays, as with Docker Compose, and is no failure.
  if (code !== 0 || output.includes('is still in use and stays')) return [];
  return difference(await lookAt(project), wanted).map((what) => `ended with 0, but ${what}`);
}

/** What is left after the second run that should not be, or is missing. */
export async function remains(
  { project, wanted, data }: Trial,
  mayLoseData: boolean,
): Promise<readonly string[]> {
  return [
    ...difference(await lookAt(project), wanted),
    ...(mayLoseData ? lossOf(data, await readData(project)) : []),
  ];
}

/** Data that is not what it was; `before` is empty where there was none. */
function lossOf(before: string, now: string): readonly string[] {
  const isKept = before === '' ? !/gone/.test(now) : now.startsWith(before.replace(/, .*/, ''));
  const cache = /, [0-9a-f]{64}/;
  const isSameCache = !cache.test(before) || !cache.test(now) || now === before;
  return isKept && isSameCache ? [] : [`DATA LOST: ${before} has become ${now}`];
}

function difference(found: Found, wanted: Found | undefined): readonly string[] {
  if (wanted === undefined) return [];
  const names = ['containers', 'networks', 'volumes'] as const;
  return names.flatMap((name) =>
    String(found[name]) === String(wanted[name])
      ? []
      : [`${name} are ${found[name].join(', ')}, not ${wanted[name].join(', ')}`],
  );
}

function failure({ code, output }: Finished): readonly string[] {
  return code === 0 ? [] : [`run again it ended with ${code}: ${output.slice(-1500)}`];
}

/** Lets the writer write, and reads along. */
async function readLines(
  project: TestProject,
  start: (words: readonly string[]) => Running,
  mayCut = false,
): Promise<Attempt> {
  const host = await engineHost();
  const writer = `/containers/${project.name}-writer-1`;
  await engineRequest(host, 'POST', `${writer}/stop?t=0`);
  const since = String(Date.now() / 1000);
  await engineRequest(host, 'POST', `${writer}/start`);
  const ended = await start([
    '--profile',
    'writing',
    'logs',
    '-f',
    '--no-log-prefix',
    '--no-color',
    '--since',
    since,
    'writer',
  ]).finished;
  const read = ended.stdout.split('\n').filter((line) => line.startsWith('line '));
  const all = Array.from({ length: lines }, (_, index) => `line ${index + 1}`);
  // What could not be read to its end is told as such; what was read is right all the same.
  const isCut = ended.output.includes('connection to the Docker Engine was lost') && mayCut;
  const isTold = ended.code !== 0 || ended.output.includes('cannot be shown') || isCut;
  const expected = isTold ? all.slice(0, read.length) : all;
  return { ...ended, wrong: String(read) === String(expected) ? [] : [`read ${read.join(', ')}`] };
}

const watchWords = ['--json', 'watch', '--no-up', 'web'];

/** A save has been seen to, or it was told why not. */
const settled = /"type":"step-(?:finished|failed)","id":"sync:|"severity":"error"/;

/** A save that was not seen to is told, and there is no more than one. */
async function saveTwice(
  project: TestProject,
  watch: Running,
  mark: string,
  quiet = async () => {},
): Promise<readonly string[]> {
  let failures = 0;
  for (const text of [mark, `${mark}, once more`]) {
    const before = watch.output().split(settled).length - 1;
    const said = watch.output().length;
    project.write('web/page/text', `${text}\n`);
    const isSettled = await watch.waitFor(settled, before + 1).then(
      () => true,
      () => false,
    );
    if (!isSettled) return [];
    await quiet();
    if ((await textInside(project)) === text) continue;
    const isTold = watch.output().slice(said).includes('"severity":"error"');
    if (!isTold || failures > 0) return [`${text} is not in the container`];
    failures += 1;
  }
  return [];
}

async function textInside(project: TestProject): Promise<string> {
  return (await readInside(`${project.name}-web-1`, '/page/text')).trim();
}
