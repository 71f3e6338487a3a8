/**
 * `npm run bench [-- --only NAME,… --rounds N --quick --write --list]`: what people wait for, beside Docker Compose as they
 * type it and beside the engine alone, asked for the same by as few calls as can be. The three take turns, so that all
 * see the same noise. Figures are for comparing; no test depends on them.
 *
 *     --only NAME,…   scenarios or rows of these names, or whose names begin with them and a dash
 *     --rounds N      in the place of each scenario's own number
 *     --quick         two rounds
 *     --write         puts the rows into docs/performance.json and docs/performance.md
 *     --list          says what there is
 *
 * What is told of the rows in docs/performance.json that are more than a tenth worse now is worth a second run.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allBuilds } from './bench/builds.ts';
import type { ContenderName } from './bench/contender.ts';
import { limitOf } from './bench/limit.ts';
import { lives } from './bench/lives.ts';
import { logs } from './bench/logs.ts';
import { measure, tidy } from './bench/measure.ts';
import type { Scenario } from './bench/scenario.ts';
import { starts } from './bench/starts.ts';
import { missed, type Row, regressions, rowOf, tableOf } from './bench/table.ts';
import { watching } from './bench/watching.ts';
import { type LabEngine, unbroken, withEngine } from './engine.ts';
import { main } from './main.ts';
import { repository } from './places.ts';
import { say } from './say.ts';
import { run } from './shell.ts';

/** What is kept: the rows in their order, and where they come from. */
interface Kept {
  readonly machine: string;
  readonly rows: readonly Row[];
}

const page = join(repository, 'docs/performance.md');
const data = join(repository, 'docs/performance.json');
const scenarios: readonly Scenario[] = [...starts, ...lives, ...allBuilds, ...watching, ...logs];

await main(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const chosen = choose(values.only.flatMap((names) => names.split(',')));
  if (values.list) {
    for (const { name, steps } of chosen) say(`${name}: ${steps.map(({ row }) => row).join(', ')}`);
    return 0;
  }
  const rounds = values.rounds === undefined ? (values.quick ? 2 : undefined) : Number(values.rounds);
  if (rounds !== undefined && !(rounds > 0)) throw new Error('--rounds wants a number of rounds.');
  const kept = existsSync(data) ? (JSON.parse(readFileSync(data, 'utf8')) as Kept) : undefined;
  const { machine, rows } = await withEngine(
    (engine) => unbroken((end) => bench(engine, chosen, rounds, end)),
    say,
  );
  say(`\n${machine}\n\n${tableOf(rows)}`);
  for (const row of missed(rows)) say(`Misses its bar: ${row.row}`);
  for (const told of regressions(rows, kept?.rows ?? [])) say(`Worse than in docs/performance.json: ${told}`);
  if (values.write) await keep({ machine, rows }, kept?.rows ?? []);
  return rows.some(({ failures }) => failures?.stack !== undefined) ? 1 : 0;
});

function choose(names: readonly string[]): readonly Scenario[] {
  const named = (name: string): boolean =>
    names.length === 0 || names.some((one) => name === one || name.startsWith(`${one}-`));
  const chosen = scenarios.filter(
    ({ name, steps, linux }) =>
      (named(name) || steps.some(({ row }) => named(row))) && (linux !== true || os.platform() === 'linux'),
  );
  if (chosen.length === 0)
    throw new Error(`Nothing is called ${names.join(', ')}; --list says what there is.`);
  return chosen;
}

async function bench(
  engine: LabEngine,
  chosen: readonly Scenario[],
  rounds: number | undefined,
  interruption: AbortSignal,
): Promise<Kept> {
  const limit = limitOf(engine.host);
  // COMPOSE_* variables of whoever runs this must not steer it.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('COMPOSE_'));
  const environment = { ...Object.fromEntries(own), ...engine.env, DOCKER_HOST: engine.host };
  const stack = [process.execPath, join(repository, 'bin/stack.js')];
  const compose = await composeAsTyped(engine, environment);
  const commands: Record<ContenderName, readonly string[] | undefined> = { stack, compose, limit: stack };
  const folder = mkdtempSync(join(os.tmpdir(), 'stack-bench-'));
  const prefix = `bnc${process.pid}`;
  const day = new Date().toISOString().slice(0, 10);
  const rows: Row[] = [];
  const measuring = { limit, prefix, folder, commands, environment, interruption };
  try {
    for (const scenario of chosen) {
      const began = performance.now();
      const measured = await measure(scenario, { ...measuring, ...(rounds === undefined ? {} : { rounds }) });
      for (const [name, why] of Object.entries(measured[0]?.failures ?? {}))
        say(`${scenario.name}: ${name} failed: ${why}`);
      const some = measured.map((one) => rowOf(one, day));
      rows.push(...some);
      const ratios = some.map(
        ({ row, toCompose, toLimit }) => `${row} ${toCompose ?? `× ${toLimit ?? '?'}`}`,
      );
      say(`${scenario.name} in ${((performance.now() - began) / 1000).toFixed(0)} s: ${ratios.join(', ')}`);
    }
  } finally {
    await tidy(measuring);
    rmSync(folder, { recursive: true, force: true });
  }
  return { machine: await machineOf(limit, compose, environment), rows };
}

/** `docker compose` where there is a docker that knows it, else Compose by itself, which starts sooner. */
async function composeAsTyped(
  { compose, docker }: LabEngine,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[] | undefined> {
  if (compose === undefined) return undefined;
  const typed = [docker ?? 'docker', 'compose'];
  const works = await run(typed[0] as string, ['compose', 'version'], { env }).then(
    () => true,
    () => false,
  );
  return works ? typed : [compose];
}

async function machineOf(
  limit: ReturnType<typeof limitOf>,
  compose: readonly string[] | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const engine = await limit.ask<{ Version: string; KernelVersion: string }>('GET', '/version');
  const [program = '', ...words] = compose ?? [];
  const version =
    compose === undefined ? undefined : await run(program, [...words, 'version', '--short'], { env });
  return [
    `${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GB, Linux ${engine.KernelVersion}`,
    `engine ${engine.Version}`,
    version === undefined
      ? 'no Docker Compose'
      : `Docker Compose ${version.trim()} ${words.length > 0 ? 'as `docker compose`' : 'started by itself'}`,
    `Node.js ${process.versions.node}`,
    new Date().toISOString().slice(0, 10),
  ].join(', ');
}

/** Writes what was measured over what is kept; rows that were not measured stay. */
async function keep({ machine, rows }: Kept, before: readonly Row[]): Promise<void> {
  const order = scenarios.flatMap(({ steps }) => steps.map(({ row }) => row));
  const all = [...before.filter(({ row }) => !rows.some((one) => one.row === row)), ...rows]
    .filter(({ row }) => order.includes(row))
    .toSorted((a, b) => order.indexOf(a.row) - order.indexOf(b.row));
  writeFileSync(data, `${JSON.stringify({ machine, rows: all }, undefined, 2)}\n`);
  const [begin, end] = ['<!-- measured -->\n', '<!-- end -->'];
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# Performance\n\n${begin}${end}\n`;
  const [head = '', rest = ''] = text.split(begin);
  const [, tail = ''] = rest.split(end);
  writeFileSync(page, `${head}${begin}\n${machine}\n\n${tableOf(all)}\n${end}${tail}`);
  await run(join(repository, 'node_modules/.bin/biome'), ['format', '--write', data, page]);
}
