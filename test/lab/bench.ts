// Times what people wait for, beside Docker Compose where the lab has it: the two take turns, so that both see the same
// noise, and the ratio is that of the medians. Figures are for comparing, no test depends on them.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withEngine } from './engine.ts';
import { say } from './say.ts';

const rounds = Number(process.argv[2] ?? 5);
const launcher = path.resolve(import.meta.dirname, '../../bin/stack.js');

interface Tool {
  readonly name: 'stack' | 'compose';
  readonly command: readonly string[];
}

interface Scenario {
  readonly name: string;
  readonly file: string;
  /** Words to prepare with, to time, and to clear away with. */
  readonly before?: readonly string[];
  readonly timed: readonly string[];
  readonly after?: readonly string[];
}

const labels = 'labels: [dev.stack.test=1]';
const sleeper = `{image: busybox, ${labels}, init: true, stop_grace_period: 0s, command: [sleep, "600"]}`;
const services = (count: number): string =>
  `services:\n${Array.from({ length: count }, (_, index) => `  s${index}: ${sleeper}\n`).join('')}`;
const chain = `services:\n${[0, 1, 2, 3]
  .map(
    (index) => `  s${index}:
    image: busybox
    ${labels}
    init: true
    stop_grace_period: 0s
    command: [sleep, "600"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
${index === 0 ? '' : `    depends_on: {s${index - 1}: {condition: service_healthy}}\n`}`,
  )
  .join('')}`;

/** As people write large stacks: an anchor for what is common, one service that others extend, and variables. */
const large = `x-common: &common
  restart: unless-stopped
  environment: &environment
    LEVEL: \${LEVEL:-info}
  healthcheck: {test: [CMD, "true"], interval: 30s}
services:
  base:
    image: \${REGISTRY:-registry.example.com}/base:\${TAG:-1}
    labels: {dev.stack.test: "1"}
${Array.from(
  { length: 200 },
  (_, index) => `  s${index}:
    <<: *common
    extends: base
    ports: ["\${PORT_${index}:-${10_000 + index}}:80"]
    environment:
      <<: *environment
      NAME: s${index}
      NEXT: http://s${(index + 1) % 200}:80/\${PREFIX:-}
    volumes:
      - ./data/s${index}:/data
      - cache:/cache
    networks: [front, back]
`,
).join('')}networks: {front: , back: }
volumes: {cache: }
`;

const up = ['up', '-d'];
const down = ['down'];
const scenarios: readonly Scenario[] = [
  { name: 'version', file: services(1), timed: ['version'] },
  { name: 'config, 5 services', file: services(5), timed: ['config'] },
  { name: 'config, 200 services, anchors, extends, variables', file: large, timed: ['config'] },
  { name: 'up -d, 1 service', file: services(1), timed: up, after: down },
  { name: 'up -d, 10 services', file: services(10), timed: up, after: down },
  { name: 'up -d, 10 services, nothing to do', file: services(10), before: up, timed: up, after: down },
  { name: 'ps, 10 services', file: services(10), before: up, timed: ['ps'], after: down },
  { name: 'down, 10 services', file: services(10), before: up, timed: down },
  { name: 'up -d, chain of 4, healthy, interval 1s', file: chain, timed: up, after: down },
];

await withEngine(async (engine) => {
  const environment = { ...process.env, ...engine.env, DOCKER_HOST: engine.host };
  const tools: Tool[] = [{ name: 'stack', command: [process.execPath, launcher] }];
  if (engine.compose !== undefined) tools.push({ name: 'compose', command: [engine.compose] });
  process.stdout.write(`| scenario | ${tools.map(({ name }) => name).join(' | ')} | ratio |\n`);
  process.stdout.write(`|---|${tools.map(() => '---:').join('|')}|---:|\n`);
  for (const scenario of scenarios) {
    const times = await measure(scenario, tools, environment);
    const medians = tools.map(({ name }) => median(times.get(name) ?? []));
    const [ours = Number.NaN, theirs] = medians;
    const ratio = theirs === undefined ? '' : (ours / theirs).toFixed(2);
    const cells = medians.map((time) => `${Math.round(time)} ms`).join(' | ');
    process.stdout.write(`| ${scenario.name} | ${cells} | ${ratio} |\n`);
  }
}, say);

async function measure(scenario: Scenario, tools: readonly Tool[], environment: NodeJS.ProcessEnv) {
  const times = new Map<string, number[]>();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-bench-'));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const tool of round % 2 === 0 ? tools : tools.toReversed()) {
        const cwd = path.join(folder, `bench-${tool.name}-${process.pid}`);
        mkdirSync(cwd, { recursive: true });
        writeFileSync(path.join(cwd, 'compose.yaml'), scenario.file);
        if (scenario.before !== undefined) await run(tool, scenario.before, cwd, environment);
        const began = performance.now();
        await run(tool, scenario.timed, cwd, environment);
        times.set(tool.name, [...(times.get(tool.name) ?? []), performance.now() - began]);
        if (scenario.after !== undefined) await run(tool, scenario.after, cwd, environment);
      }
    }
    return times;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A figure of a command that failed would be a lie. */
function run(tool: Tool, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const [program = '', ...first] = tool.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...words], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${tool.name} ${words.join(' ')} ended with ${code}: ${said}`)),
    );
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
