import { type CallFault, callFaults } from '../helpers/proxy.ts';
import { canLack, lacks } from './machine.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { clear, createStack } from './stack.ts';
import { type FaultCase, type Recording, record, restartCommand, tryCase, type Verdict } from './trial.ts';

export interface Tried extends Verdict {
  readonly scenario: string;
  readonly one: FaultCase;
}

/** Which cases of a command to try, out of all that there are. */
export type Choose = (cases: readonly FaultCase[], scenario: Scenario) => readonly FaultCase[];

const restart = 'engine restarted';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;

/**
 * Tries commands with faults in all their calls, several at a time, and tells each case as it is done. Calls of one kind go
 * wrong once at the first and once at the last of them.
 */
export async function tryAll(
  chosen: readonly Scenario[],
  choose: Choose,
  lanes: number,
  tell: (tried: Tried) => void,
): Promise<readonly Tried[]> {
  const all: Tried[] = [];
  for (const scenario of chosen) {
    const recorder = createStack();
    if (scenario.shared) await scenario.prepare(recorder);
    const recording = await record(scenario, recorder).finally(async () => {
      await clear(recorder);
      await recorder.remove();
    });
    const waiting = choose(casesOf(scenario, recording), scenario).entries();
    const lane = async (): Promise<void> => {
      const project = createStack();
      try {
        if (scenario.shared) await scenario.prepare(project);
        for (const [index, one] of waiting) {
          const verdict = await tryCase(scenario, recording, one, project, `mark-${index}`).catch(asVerdict);
          const tried = { ...verdict, scenario: scenario.name, one };
          all.push(tried);
          tell(tried);
        }
      } finally {
        await clear(project);
        await project.remove();
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }
  return all;
}

export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

export function describeCase(one: FaultCase): string {
  if ('lack' in one) return one.lack;
  if ('restartAt' in one) return `the engine restarts at call ${one.restartAt}`;
  return 'fault' in one ? `${one.call} #${one.nth}: ${one.fault}` : `${one.signal} at call ${one.nth}`;
}

/** Commands in rows, faults in columns: how many survived of how many were tried. */
export function tableOf(all: readonly Tried[]): string {
  const kinds = [...callFaults, ...signals, restart, ...lacks].filter((kind) =>
    all.some((tried) => kindOf(tried.one) === kind),
  );
  const names = [...new Set(all.map(({ scenario }) => scenario))];
  const cell = (some: readonly Tried[]): string => {
    const tried = some.filter((one) => one.tried || one.wrong.length > 0);
    return `${tried.filter(({ wrong }) => wrong.length === 0).length}/${tried.length}`;
  };
  const row = (name: string, some: readonly Tried[]): readonly string[] => [
    name,
    ...kinds.map((kind) => cell(some.filter(({ one }) => kindOf(one) === kind))),
    cell(some),
  ];
  const rows = [
    ['survived/tried', ...kinds, 'all'],
    ...names.map((name) =>
      row(
        name,
        all.filter(({ scenario }) => scenario === name),
      ),
    ),
    row('all', all),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function kindOf(one: FaultCase): string {
  if ('lack' in one) return one.lack;
  if ('restartAt' in one) return restart;
  return 'fault' in one ? one.fault : one.signal;
}

function casesOf(scenario: Scenario, { calls }: Recording): readonly FaultCase[] {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  const spoiled = [...counts].flatMap(([call, count]) =>
    [...new Set([1, count])].flatMap((nth) =>
      callFaults.filter((fault) => isPossible(call, fault)).map((fault) => ({ call, nth, fault })),
    ),
  );
  const killed = scenario.shared
    ? []
    : signals.flatMap((signal) => spread(calls.length).map((nth) => ({ signal, nth })));
  const restarted =
    restartCommand === undefined ? [] : spread(calls.length).map((restartAt) => ({ restartAt }));
  return [...spoiled, ...killed, ...restarted, ...lacks.filter(canLack).map((lack) => ({ lack }))];
}

/** The output of a container that the engine says is gone, or is about to be, is no one's any more. */
function isPossible(call: string, fault: CallFault): boolean {
  if (fault === 'twice') return call === 'GET /events';
  return !call.endsWith('/logs') || (fault !== '404' && fault !== '409');
}

/** Eight of so many calls, from the first to the last. */
function spread(count: number): readonly number[] {
  return [...new Set(Array.from({ length: 8 }, (_, index) => 1 + Math.round((index * (count - 1)) / 7)))];
}

function asVerdict(error: unknown): Verdict {
  const text = error instanceof Error ? error.message : String(error);
  return { tried: true, wrong: [`could not be tried: ${text}`], isTimid: false, output: '' };
}
