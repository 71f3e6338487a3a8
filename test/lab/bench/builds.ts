import path from 'node:path';
import { type Contender, run, write } from './contender.ts';
import { image, manyFiles } from './files.ts';
import type { Limit } from './limit.ts';
import type { Scenario } from './scenario.ts';

const upBuilding = ['up', '-d', '--build'];

interface Builds {
  readonly name: string;
  readonly told: string;
  readonly services: readonly string[];
  readonly rounds: number;
  readonly changed: number;
  readonly same: number;
  /** Adds to a context. */
  readonly fill?: (folder: string, contender: Contender) => void;
}

/** Folders have names of their own: the engine keeps what it copied by them, and none is to profit from another. */
const contextOf = ({ project }: Contender, service: string): string => `${service}-${project}`;
const sources = ({ project }: Contender): string => `src-${project}`;
const dockerfile = (contender: Contender): string =>
  `FROM ${image}\nCOPY ${sources(contender)} /app\nCMD ["sleep", "infinity"]\n`;

function change(contender: Contender, services: readonly string[]): void {
  for (const service of services)
    write(
      contender,
      `${contextOf(contender, service)}/${sources(contender)}/changing`,
      textOf(contender, service),
    );
}

const textOf = ({ round }: Contender, service: string): string => `round ${round} of ${service}\n`;

/** Rejects unless each service runs what was written last. */
async function expectFresh(contender: Contender, limit: Limit, services: readonly string[]): Promise<void> {
  for (const service of services) {
    const there = await limit.read(limit.nameOf(contender.project, service), '/app/changing');
    if (!there.includes(textOf(contender, service))) throw new Error(`${service} runs an old image`);
  }
}

function builds({ name, told, services, rounds, changed, same, fill }: Builds): Scenario {
  const tagOf = ({ project }: Contender, service: string): string => `${project}-${service}`;
  const build = (contender: Contender, limit: Limit, service: string): Promise<void> =>
    limit.build(tagOf(contender, service), {
      Dockerfile: dockerfile(contender),
      [`${sources(contender)}/changing`]: textOf(contender, service),
    });
  const each = (work: (service: string) => Promise<unknown>): Promise<unknown> =>
    Promise.all(services.map(work));
  return {
    name,
    rounds,
    async prepare(contender, limit) {
      const definitions = services.map(
        (service) =>
          `  ${service}: {build: ./${contextOf(contender, service)}, labels: {dev.stack.test: "1"}, stop_grace_period: 0s}\n`,
      );
      write(contender, 'compose.yaml', `services:\n${definitions.join('')}`);
      for (const service of services) {
        const context = contextOf(contender, service);
        write(contender, `${context}/Dockerfile`, dockerfile(contender));
        fill?.(path.join(contender.folder, context), contender);
      }
      change(contender, services);
      await run(contender, upBuilding);
      await expectFresh(contender, limit, services);
    },
    steps: [
      {
        row: `${name}-changed`,
        told: `\`up -d --build\`, one byte changed, ${told}`,
        bar: changed,
        before: (contender) => change(contender, services),
        does: upBuilding,
        ...(fill === undefined
          ? {
              limit: (contender: Contender, limit: Limit) =>
                each(async (service) => {
                  await build(contender, limit, service);
                  await limit.replace(contender.project, service, { image: tagOf(contender, service) });
                }),
            }
          : {}),
        after: (contender, limit) => expectFresh(contender, limit, services),
      },
      {
        row: `${name}-same`,
        told: `\`up -d --build\`, nothing changed, ${told}`,
        bar: same,
        does: upBuilding,
        ...(fill === undefined
          ? {
              limit: (contender: Contender, limit: Limit) =>
                Promise.all([
                  each((service) => build(contender, limit, service)),
                  limit.look(contender.project),
                ]),
            }
          : {}),
        after: (contender, limit) => expectFresh(contender, limit, services),
      },
    ],
  };
}

export const allBuilds: readonly Scenario[] = [
  builds({
    name: 'build-tiny',
    told: 'tiny context',
    services: ['web'],
    rounds: 7,
    changed: 0.75,
    same: 0.4,
  }),
  builds({
    name: 'build-large',
    told: '20,000 files, 100 MB, half of them ignored',
    services: ['web'],
    rounds: 3,
    changed: 0.95,
    same: 0.3,
    fill(folder, contender) {
      write({ ...contender, folder }, '.dockerignore', 'skip\n');
      manyFiles(path.join(folder, sources(contender)), 10_000, 5000);
      manyFiles(path.join(folder, 'skip'), 10_000, 5000);
    },
  }),
  builds({
    name: 'build-five',
    told: 'five services',
    services: ['a', 'b', 'c', 'd', 'e'],
    rounds: 5,
    changed: 0.75,
    same: 0.4,
  }),
];
