import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Marks everything that tests make on an engine. */
export const testLabel = 'dev.stack.test';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

export interface Running {
  readonly finished: Promise<Finished>;
  /** What was written so far. */
  output(): string;
  /** Resolves with the output once it matches, that often; rejects if the program ends before it does. */
  waitFor(pattern: RegExp, times?: number): Promise<string>;
  /** What is still waited for. */
  awaited(): readonly RegExp[];
  signal(name: NodeJS.Signals): void;
  /** Writes to a program that was started with `input: 'later'`, and ends its input. */
  answer(text: string): void;
}

interface StartOptions {
  /** Added to that of the project. */
  readonly environment?: Record<string, string>;
  /** All that the program reads; `later`: what `answer` writes. Absent: it has no input. */
  readonly input?: string;
}

export interface TestProject {
  readonly directory: string;
  /** The project's name, unlike that of any other test. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  write(file: string, text: string): void;
  /** Starts the built program in the project's folder. */
  start(words: readonly string[], options?: StartOptions): Running;
  run(words: readonly string[], options?: StartOptions): Promise<Finished>;
  /** Starts the built program so that it watches files; resolves once no change can be missed any more. */
  watch(words: readonly string[]): Promise<Running>;
  /** Starts another program in the same place, e.g. Docker Compose. */
  startOther(program: string, words: readonly string[], options?: StartOptions): Running;
  /**
   * Ends what was started and still runs, and removes everything the project made, on the engine and on disk. Throws if
   * something was still waited for.
   */
  remove(): Promise<void>;
}

const repository = path.resolve(import.meta.dirname, '../..');
export const launcher = path.join(repository, 'bin/stack.js');

/** A folder of its own for a test, empty or with a copy of a fixture, with a project name of its own. */
export function createProject(
  options: { readonly fixture?: string; readonly file?: string } = {},
): TestProject {
  const directory = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'stack-test-')));
  const name = `t${randomBytes(5).toString('hex')}`;
  if (options.fixture !== undefined) {
    cpSync(path.join(repository, 'fixtures', options.fixture), directory, { recursive: true });
  }
  const write = (file: string, text: string): void => {
    const target = path.join(directory, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  };
  if (options.file !== undefined) write('stack.yaml', options.file);
  // COMPOSE_* variables of whoever runs the tests must not steer them.
  const { PATH = '', HOME = '', DOCKER_HOST } = process.env;
  const environment: Record<string, string> = {
    PATH,
    HOME,
    LANG: 'C.UTF-8',
    COMPOSE_PROJECT_NAME: name,
    // What the program keeps, and what its user has set, is that of the test.
    XDG_STATE_HOME: `${directory}.state`,
    XDG_CONFIG_HOME: `${directory}.config`,
    XDG_CACHE_HOME: `${directory}.cache`,
    // Nor is anything to be kept of volumes that tests remove.
    STACK_TRASH_SIZE: '0',
    // Compiled once for all tests.
    NODE_COMPILE_CACHE: path.join(repository, 'node_modules/.cache/code'),
    ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }),
  };
  const running = new Set<Running>();
  const startHere = (
    program: string,
    words: readonly string[],
    { environment: more = {}, input }: StartOptions,
  ): Running => {
    const started = startProgram(program, words, directory, { ...environment, ...more }, input);
    running.add(started);
    const forget = (): boolean => running.delete(started);
    started.finished.then(forget, forget);
    return started;
  };
  const project: TestProject = {
    directory,
    name,
    environment,
    write,
    start: (words, options = {}) => startHere(underTest, [launcher, ...words], options),
    run: (words, options) => project.start(words, options).finished,
    async watch(words) {
      const watching = project.start(words);
      await watching.waitFor(/watching the files of/);
      return watching;
    },
    startOther: (program, words, options = {}) => startHere(program, words, options),
    async remove() {
      // A test that ran out of time does not say what for.
      const missed = [...running].flatMap((program) =>
        program.awaited().map((pattern) => `never saw ${pattern} in:\n${program.output()}`),
      );
      await Promise.all([...running].map(end));
      await startProgram(
        underTest,
        [launcher, '-p', name, 'down', '--volumes', '--rmi', 'local', '--remove-orphans'],
        os.tmpdir(),
        environment,
      ).finished;
      for (const folder of ['', '.state', '.config', '.cache'])
        rmSync(`${directory}${folder}`, { recursive: true, force: true });
      if (missed.length > 0) throw new Error(missed.join('\n'));
    },
  };
  return project;
}

/** Ends a program as a person does, also one that was stopped by SIGSTOP: until it goes on it hears nothing. */
async function end(program: Running): Promise<void> {
  program.signal('SIGCONT');
  program.signal('SIGINT');
  await program.finished;
}

/** The Node.js that runs the program: that of the tests, unless STACK_TEST_NODE names another. */
export const underTest = process.env.STACK_TEST_NODE ?? process.execPath;

function startProgram(
  program: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  input?: string,
): Running {
  const child = spawn(program, words, {
    cwd,
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  if (input !== undefined && input !== 'later') child.stdin?.end(input);
  let stdout = '';
  let stderr = '';
  let output = '';
  const waiting = new Map<() => void, RegExp>();
  const add = (text: string): void => {
    output += text;
    for (const look of [...waiting.keys()]) look();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    add(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    add(text);
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, output }));
  });
  return {
    finished,
    output: () => output,
    waitFor: (pattern, times = 1) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (times === 1 ? !pattern.test(output) : output.split(pattern).length <= times) return;
          waiting.delete(look);
          resolve(output);
        };
        waiting.set(look, pattern);
        look();
        void finished.then(({ code }) => {
          if (waiting.delete(look))
            reject(new Error(`ended with ${code} before ${pattern} was seen:\n${output}`));
        });
      }),
    awaited: () => [...waiting.values()],
    signal: (name) => child.kill(name),
    answer: (text) => child.stdin?.end(text),
  };
}
