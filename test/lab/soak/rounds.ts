import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';
import {
  dockerRuntime,
  down,
  listFiles,
  type Outcome,
  readRuleFiles,
  resolveEndpoint,
  type Surroundings,
  up,
  watchFiles,
} from '../../../src/index.ts';
import { createStore } from '../../../src/report/store.ts';
import { createProject, type TestProject, testLabel } from '../../helpers/project.ts';
import { engineRequest, labelled } from '../api.ts';
import type { LabEngine } from '../engine.ts';
import type { Say } from '../say.ts';
import { type Growth, growthIn, tableOfUse } from './growth.ts';

/** What is left of a process and on an engine after some rounds. */
interface Left {
  readonly round: number;
  /** Bytes, after what is not needed has been thrown away. */
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
  /** Containers, networks and volumes of the stack. */
  readonly objects: number;
  /** Rules of the firewall; absent where they may not be read. */
  readonly rules?: number;
}

/** How many times, at the most, is looked at what is left. */
const looks = 20;

const file = `services:
  db: &service
    image: busybox
    labels: [${testLabel}=1]
    init: true
    stop_grace_period: 1s
    command: sleep 3600
    volumes: ["data:/data"]
    ports: ["127.0.0.1::6000"]
  web: { <<: *service, depends_on: [db], volumes: [], ports: [] }
networks: { default: { labels: [${testLabel}=1] } }
volumes: { data: { labels: [${testLabel}=1] } }
`;

/**
 * Brings a small stack up and down so many times in one process, by the public API, and then by the program, each with its
 * volumes. Resolves with what has grown meanwhile.
 */
export async function soakRounds(engine: LabEngine, rounds: number, byProgram: number, say: Say) {
  const project = createProject({ file });
  try {
    const inProcess = await repeat(rounds, engine, project, await roundByApi(project));
    say(`\n${rounds} rounds in one process:\n${tableOfUse(inProcess)}`);
    const apart = await repeat(byProgram, engine, project, roundByProgram(project));
    say(`\n${byProgram} rounds by the program:\n${tableOfUse(apart)}`);
    return [...growthIn(inProcess, allOf(engine)), ...growthIn(apart, allOf(engine))];
  } finally {
    await project.remove();
  }
}

/** On an engine that others use rules come and go. */
function allOf(engine: LabEngine): readonly Growth[] {
  return engine.private ? ['heap', 'descriptors', 'objects', 'rules'] : ['heap', 'descriptors', 'objects'];
}

async function repeat(
  rounds: number,
  engine: LabEngine,
  project: TestProject,
  round: () => Promise<void>,
): Promise<readonly Left[]> {
  const left: Left[] = [];
  const every = Math.max(1, Math.floor(rounds / looks));
  for (let number = 1; number <= rounds; number++) {
    await round();
    if (number % every === 0) left.push(await look(number, engine, project));
  }
  return left;
}

async function roundByApi(project: TestProject): Promise<() => Promise<void>> {
  const store = createStore();
  const never = new AbortController().signal;
  const surroundings: Surroundings = {
    runtime: dockerRuntime(await resolveEndpoint(process.env)),
    engineIsHere: true,
    watchFiles,
    readRuleFiles,
    listFiles,
    exclusively: (_project, _signal, work) => work(false),
    asOnlyWatcher: (_project, _signal, work) => work(false),
    emit: (event) => void store.dispatch({ at: Date.now(), ...event }),
    caughtUp: () => Promise.resolve(),
    signal: never,
    force: never,
    leave: never,
  };
  const { directory, environment } = project;
  const load = { directory, files: [], profiles: [], services: [], environment };
  const fine = ({ exitCode }: Outcome, what: string): void => {
    if (exitCode !== 0)
      throw new Error(`${what} ended with ${exitCode}: ${JSON.stringify(store.getView().problems)}`);
  };
  return async () => {
    fine(await up({ load, detach: true, watch: false }, surroundings), 'up');
    fine(await down({ load, volumes: true, images: undefined, removeOrphans: false }, surroundings), 'down');
  };
}

function roundByProgram(project: TestProject): () => Promise<void> {
  return async () => {
    for (const words of [
      ['up', '-d'],
      ['down', '--volumes'],
    ]) {
      const { code, output } = await project.run(words);
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${output}`);
    }
  };
}

async function look(round: number, { host }: LabEngine, { name }: TestProject): Promise<Left> {
  throwAway();
  const { heapUsed: heap, rss: resident } = process.memoryUsage();
  const own = labelled(`com.docker.compose.project=${name}`);
  const containers = await engineRequest<unknown[]>(host, 'GET', `/containers/json?all=1&${own}`);
  const networks = await engineRequest<unknown[]>(host, 'GET', `/networks?${own}`);
  const volumes = await engineRequest<{ Volumes: unknown[] | null }>(host, 'GET', `/volumes?${own}`);
  const saved = spawnSync('iptables-save', { encoding: 'utf8' });
  return {
    round,
    heap,
    resident,
    descriptors: readdirSync('/proc/self/fd').length,
    objects: containers.length + networks.length + (volumes.Volumes?.length ?? 0),
    ...(saved.status === 0 && {
      rules: saved.stdout.split('\n').filter((line) => line.startsWith('-A')).length,
    }),
  };
}

/** Throws away what nothing refers to any more, so that what is left is what is kept. */
export function throwAway(): void {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
}
