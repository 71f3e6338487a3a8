import { afterEach, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

const projects = new Set<TestProject>();
afterEach(async () => {
  await Promise.all([...projects].map((project) => project.remove()));
  projects.clear();
});

/** Ten services, with a network that changes, volumes that must survive, shared namespaces, a job and a healthcheck. */
const file = `
x-all: &all { image: busybox, command: [sleep, infinity], init: true, labels: ["${testLabel}=\${EDITION}"] }
services:
  a: { <<: *all, networks: [one] }
  b: { <<: *all, networks: [one, two], volumes: ["data:/data"] }
  c: { <<: *all, depends_on: [a, b] }
  d: { <<: *all, scale: 2 }
  e: { <<: *all, depends_on: { c: { condition: service_started, restart: true } }, volumes: ["/kept"] }
  f: { <<: *all, network_mode: "service:a" }
  g: { <<: *all, networks: [two], healthcheck: { test: "true", interval: 10s } }
  h: { <<: *all, depends_on: { g: { condition: service_healthy } } }
  i: { <<: *all, command: "true" }
  j: { <<: *all, depends_on: { i: { condition: service_completed_successfully } } }
networks:
  default: { labels: ["${testLabel}=0"] }
  one: { labels: ["${testLabel}=1"] }
  two: { labels: ["${testLabel}=\${EDITION}"] }
volumes:
  data: { labels: ["${testLabel}=1"] }
`;

const containers = ['a-1', 'b-1', 'c-1', 'd-1', 'd-2', 'e-1', 'f-1', 'g-1', 'h-1', 'i-1', 'j-1'];

/** What is killed, and then done once more. */
const phases = [
  { name: 'up', words: ['up', '-d', '--json'], edition: '1' },
  { name: 'replace', words: ['up', '-d', '--json'], edition: '2' },
  { name: 'down', words: ['down', '-v', '--json'], edition: '2' },
] as const;

/** A step began or ended. */
const moment = /"type":"step-(?:started|finished)"/;

/** How often each phase is killed; `STACK_TEST_KILLS=10` makes that 30 points. */
const times = Number(process.env.STACK_TEST_KILLS ?? 5);

test('whatever a killed up or down has left, the next one brings to its right end', async () => {
  const moments = await countMoments();
  const next = randomFrom(20_251_103);
  const rounds = Array.from({ length: times }, () =>
    moments.map((count) => 1 + Math.floor(next() * (count - 1))),
  );
  const waiting = rounds.values();
  const wrong: unknown[] = [];
  let points = 0;
  const lane = async (): Promise<void> => {
    for (const round of waiting) {
      const own = newProject();
      let kept: string | undefined;
      for (const [index, { name, words, edition }] of phases.entries()) {
        const at = round[index] ?? 1;
        const environment = { EDITION: edition };
        const killed = own.start(words, { environment });
        await killed.waitFor(moment, at);
        killed.signal('SIGKILL');
        await killed.finished;
        const { code, output } = await own.run(words, { environment });
        const { anonymous, ...found } = await stateNow(own);
        const expected = name === 'down' ? nothing : running(own, edition);
        // The engine's own mistake, which it keeps until it is restarted; it is told.
        const isMiscounted = name === 'down' && output.includes('the engine counts one that is gone');
        const isRight =
          code === 0 &&
          JSON.stringify(isMiscounted ? { ...found, networks: [] } : found) === JSON.stringify(expected) &&
          (name !== 'replace' || anonymous === kept) &&
          !output.includes('is being changed');
        const point = `${name} after event ${at}`;
        if (!isRight) wrong.push({ point, code, found, anonymous, kept, output: output.slice(-3000) });
        kept = anonymous;
        points += 1;
      }
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  process.stdout.write(`${points} kill points, ${wrong.length} wrong end states\n`);
  expect(wrong).toEqual([]);
  expect(points).toBe(times * phases.length);
});

function newProject(): TestProject {
  const project = createProject({ file });
  projects.add(project);
  return project;
}

/** For each phase, how many moments it has when nobody kills it. */
async function countMoments(): Promise<readonly number[]> {
  const own = newProject();
  const counts: number[] = [];
  for (const { words, edition } of phases) {
    const { code, output } = await own.run(words, { environment: { EDITION: edition } });
    expect(code, output).toBe(0);
    counts.push(output.split(moment).length - 1);
  }
  return counts;
}

async function stateNow({ name: project }: TestProject) {
  const found = await stateOf(project);
  const holder = found.containers.find(({ service }) => service === 'e');
  return {
    containers: found.containers.map(({ name, state, exitCode, labels, service }) =>
      [name, state, ...(service === 'i' ? [exitCode] : []), labels[testLabel]].join(' '),
    ),
    networks: found.networks.map(({ name, labels }) => `${name} ${labels[testLabel]}`).sort(),
    volumes: found.volumes.filter(({ labels }) => labels[label.project] === project).map(({ name }) => name),
    anonymous: holder?.mounts.find(({ target }) => target === '/kept')?.name,
  };
}

const nothing = { containers: [], networks: [], volumes: [] };

function running({ name }: TestProject, edition: string) {
  return {
    containers: containers.map(
      (one) => `${name}-${one} ${one === 'i-1' ? 'exited 0' : 'running'} ${edition}`,
    ),
    networks: [`${name}_default 0`, `${name}_one 1`, `${name}_two ${edition}`],
    volumes: [`${name}_data`],
  };
}

/** Numbers from 0 to 1, the same at each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
