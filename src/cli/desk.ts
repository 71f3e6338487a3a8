import type { Company } from '../commands/company.ts';
import { type ConvergeOptions, loadChosen } from '../commands/converge.ts';
import { down } from '../commands/down.ts';
import { exec } from '../commands/exec.ts';
import { identify } from '../commands/identity.ts';
import { inspect, inspectEnvironment } from '../commands/inspect.ts';
import { kill } from '../commands/kill.ts';
import { measureContainers } from '../commands/measure.ts';
import type { Outcome } from '../commands/outcome.ts';
import { pause } from '../commands/pause.ts';
import { plan } from '../commands/plan.ts';
import { loadAsItRuns, renew } from '../commands/renew.ts';
import { restart } from '../commands/restart.ts';
import { run } from '../commands/run.ts';
import { scale } from '../commands/scale.ts';
import { start } from '../commands/start.ts';
import { stop } from '../commands/stop.ts';
import { top } from '../commands/top.ts';
import { up } from '../commands/up.ts';
import { why } from '../commands/why.ts';
import type { LoadRequest } from '../load/load.ts';
import { readCommand } from '../load/pieces.ts';
import { failure, ProblemsError, problemsOf } from '../model/problem.ts';
import { withResolvers } from '../model/resolvers.ts';
import type { Surroundings } from '../model/runtime.ts';
import { formatOrigins } from '../report/origins.ts';
import { shownPath } from '../report/paths.ts';
import { formatProcesses } from '../report/processes.ts';
import { plural } from '../report/words.ts';
import type { Desk, Lend, Order, Subject } from '../terminal/desk.ts';
import { copySequence, editText, openInBrowser, saveText } from './outside.ts';
import { questionsOn } from './questions.ts';
import type { Session } from './session.ts';
import { firstSize, processStreams } from './user-streams.ts';

export interface DeskOptions {
  readonly session: Session;
  /** How the command was asked for; its services are those that are brought up when the file is applied. */
  readonly load: LoadRequest;
  /** How they are brought up. */
  readonly wishes?: Omit<ConvergeOptions, 'load'>;
  /** False: only the labels of the containers are known. */
  readonly hasFile: boolean;
  /** What cannot be had here although there is a file. */
  readonly without?: readonly Order['kind'][];
}

/** A desk, and what stands behind it. */
export interface StaffedDesk {
  readonly desk: Desk;
  /** Orders are carried out from now on; those that were given before have waited for it. */
  meet(company: Company): void;
  /**
   * Resolves once all that was ordered is done, or was broken off because the user wants all to end, and whoever has the
   * terminal has given it back.
   */
  close(): Promise<void>;
}

/** What is known from a stack file alone. */
const needFile: ReadonlySet<Order['kind']> = new Set([
  'scale',
  'run',
  'rebuild',
  'recreate',
  'apply',
  'watch',
]);

/** Carries out by the commands there are what is ordered on a screen, in the surroundings of the command it belongs to. */
export function createDesk(options: DeskOptions): StaffedDesk {
  const { session, load, hasFile, without = [] } = options;
  const { surroundings } = session;
  const { signal } = surroundings;
  const met = withResolvers<Company>();
  const underWay = new Set<Promise<unknown>>();
  const forServices = (services: readonly string[]): LoadRequest => ({ ...load, services });
  let wishes: Omit<ConvergeOptions, 'load'> = options.wishes ?? { checkBuilds: true };

  const awaited = async <T>(task: Promise<T>): Promise<T> => {
    underWay.add(task);
    try {
      return await task;
    } finally {
      underWay.delete(task);
    }
  };

  /** Rejects with what went wrong; that the user has broken it off is all there is to say of it. */
  const carryOut = async (
    work: (surroundings: Surroundings) => Promise<Outcome>,
    until = signal,
  ): Promise<string | undefined> => {
    // There may never be anyone, and then who has the terminal has to get away all the same.
    const company = await unlessAborted(met.promise, until);
    if (company === undefined) return brokenOff;
    try {
      const { problems, exitCode } = await awaited(company.order(work));
      if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
      return until.aborted && exitCode !== 0 ? brokenOff : undefined;
    } catch (error) {
      if (!until.aborted) throw new ProblemsError(problemsOf(error));
      return brokenOff;
    }
  };

  const act = async (order: Order, lend: Lend): Promise<string | undefined> => {
    switch (order.kind) {
      case 'start': {
        const request = forServices(order.services);
        return carryOut((own) =>
          hasFile ? renew({ load: request, what: 'missing' }, own) : start({ load: request }, own),
        );
      }
      case 'stop':
        return carryOut((own) => stop({ load: forServices(order.services) }, own));
      case 'restart':
        return carryOut((own) => restart({ load: forServices(order.services), alone: false }, own));
      case 'pause':
      case 'unpause': {
        const isPause = order.kind === 'pause';
        const request = { load: forServices(order.services), pause: isPause, strict: true };
        return carryOut((own) => pause(request, own));
      }
      case 'kill':
        return carryOut((own) => kill({ load: forServices(order.services), orphans: false }, own));
      case 'rebuild':
      case 'recreate': {
        const what = order.kind === 'rebuild' ? 'images' : 'containers';
        return carryOut((own) => renew({ load: forServices(order.services), what }, own));
      }
      case 'scale': {
        const counts = { [order.service]: order.count };
        const request = { load: forServices([order.service]), scale: counts, alone: true };
        const given = await carryOut((own) => scale(request, own));
        if (given !== undefined) return given;
        wishes = { ...wishes, scale: { ...wishes.scale, ...counts } };
        await (await met.promise).renew(await loadAsItRuns(load, surroundings));
        return undefined;
      }
      case 'apply': {
        const loaded = await loadChosen({ ...wishes, load });
        const removeOrphans = wishes.removeOrphans === true || order.removes !== undefined;
        const request = { ...wishes, removeOrphans, load, detach: true, watch: false } as const;
        // What is loaded anew is told as such.
        const { emit } = surroundings;
        await (await met.promise).renew(loaded);
        return carryOut((own) => up(request, { ...own, emit }));
      }
      case 'down': {
        const request = { load: forServices([]), volumes: false, images: undefined, removeOrphans: false };
        return carryOut((own) => down(request, own));
      }
      case 'watch':
        await (await met.promise).watch(order.on);
        return undefined;
      case 'run':
        return awaited(lend(() => runOneOff(order.service, wordsIn(order.text))));
      case 'shell':
        return awaited(lend(() => openShell(order.service, order.number)));
      case 'open':
        return openInBrowser(order.url, process.env, process.platform);
      case 'copy':
        process.stdout.write(copySequence(order.text));
        return `copied ${describeText(order.text)}, if the terminal allows it`;
      case 'save': {
        const file = await saveText(order.path, order.text, process.cwd());
        return `saved to ${shownPath(file, process.cwd())}`;
      }
      case 'edit':
        await awaited(lend(() => session.lending(ignore, () => editText(order.text, process.env, signal))));
        return undefined;
    }
  };

  /** What it wrote is read before the screen is back. */
  const runOneOff = async (service: string, words: readonly string[]): Promise<string | undefined> => {
    let over = new AbortController();
    process.stdout.write(`${['run', service, ...words].join(' ')}\n`);
    const request = {
      load: forServices([]),
      service,
      ...(words.length === 0 ? {} : { command: words }),
      environment: [],
      environmentFiles: [],
      labels: {},
      capAdd: [],
      capDrop: [],
      volumes: [],
      publish: [],
      tty: true,
      ...firstSize(true),
      input: true,
      detach: false,
      alone: false,
      remove: true,
      useAliases: false,
      build: false,
      removeOrphans: false,
      proxy: ignore,
      tellId: ignore,
    };
    let exitCode = 0;
    await session.lending(
      () => over.abort(),
      async () => {
        const until = AbortSignal.any([signal, over.signal]);
        await carryOut(async (own) => {
          const outcome = await run(request, processStreams, { ...own, signal: until });
          exitCode = outcome.exitCode;
          return outcome;
        }, until);
        // Who has broken it off may still want to read what it wrote.
        over = new AbortController();
        const questions = questionsOn(process.stdout, AbortSignal.any([signal, over.signal]));
        await questions.ask(`\n${service} ended with exit code ${exitCode}; Enter goes back `);
        questions.end();
      },
    );
    return undefined;
  };

  const openShell = async (service: string, number: number): Promise<string | undefined> => {
    process.stdout.write(`a shell in ${service}-${number}; exit or Ctrl-D goes back\n`);
    const request = {
      load: forServices([]),
      service,
      index: number,
      command: ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'],
      environment: [],
      tty: true,
      ...firstSize(true),
      input: true,
      detach: false,
      privileged: false,
    };
    const { problems } = await session.lending(ignore, () => exec(request, processStreams, surroundings));
    if (problems.some(({ code }) => code === 'command-not-found')) throw withoutShell(service);
    if (problems.length > 0) throw new ProblemsError(problems);
    return undefined;
  };

  const look = async (subject: Subject, service: string, own: Surroundings): Promise<string> => {
    const request = forServices([]);
    switch (subject) {
      case 'environment': {
        const origins = await inspectEnvironment({ load: request, service }, own);
        const unwritten = 'in the container, from no file';
        return formatOrigins(origins, { colour: false, directory: process.cwd(), unwritten });
      }
      case 'why':
        return why({ load: request, service, checkBuilds: wishes.checkBuilds === true }, own);
      case 'plan':
        return (await plan({ ...wishes, load }, 'up', own)) || 'nothing to do\n';
      case 'processes': {
        const { processes, secrets } = await top(forServices([service]), own);
        return formatProcesses(processes, { masked: true, known: secrets });
      }
      case 'inspect': {
        const found = await inspect({ load: request, service }, own);
        return found.map(({ details }) => `${JSON.stringify(details, undefined, 2)}\n`).join('');
      }
    }
  };

  return {
    desk: {
      offers: (kind) => (hasFile || !needFile.has(kind)) && !without.includes(kind),
      act,
      async read(subject, service, until) {
        const own = { ...surroundings, emit: ignore, signal: AbortSignal.any([signal, until]) };
        const text = await look(subject, service, own);
        return text.replace(/\n$/, '').split('\n');
      },
      measure(until) {
        const own = AbortSignal.any([signal, until]);
        identify(load, surroundings).then(({ name }) => measureContainers(name, surroundings, own), ignore);
      },
    },
    meet: met.resolve,
    async close() {
      await Promise.allSettled(underWay);
    },
  };
}

const brokenOff = 'given up, because all is to end';

function ignore(): void {}

/** A word or address as it is; of lines how many they are. */
function describeText(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '').length;
  return text.includes('\n') ? plural(lines, 'line') : text;
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve) => {
    const giveUp = (): void => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void promise.then((value) => {
      signal.removeEventListener('abort', giveUp);
      resolve(value);
    });
  });
}

function withoutShell(service: string) {
  return failure({
    code: 'command-not-found',
    service,
    message: `there is no shell in ${service}`,
    hint: 'its image has neither bash nor sh; logs, processes and inspect tell what can be seen from outside',
  });
}

/** The words of a command. Throws `invalid-option` for what only a shell would understand: there is none. */
function wordsIn(text: string): readonly string[] {
  const words = readCommand(text);
  if (words !== undefined) return words;
  throw failure({
    code: 'invalid-option',
    message: 'there is no shell for |, &, ;, <, >, parentheses and quotes that are left open',
    hint: "give it to one: sh -c '…'",
  });
}
