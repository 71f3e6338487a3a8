import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { asProgram } from './as-program.ts';
import { createProject, type Finished, type TestProject } from './project.ts';

/** What a script of Docker Compose does with a project, and what it must then see. */
export interface Scenario {
  readonly intent: string;
  /** The stack file; `NAME` is the project, and labels of the tests are added to it. A text is taken as it is. */
  readonly file: StackFile | string;
  /** More files, by path; `NAME` is the project. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly ScenarioStep[];
  /** False: nothing is made on an engine, so that nothing has to be removed from it. */
  readonly engine?: false;
}

export interface ScenarioStep {
  /** Separated by blanks; what is in single quotes is one word. `NAME` is the project. */
  readonly words: string;
  readonly code?: number;
  /** All lines of stdout, in no order; `NAME` is the project. */
  readonly stdout?: readonly string[];
  /** Parts that stdout must have. */
  readonly out?: readonly string[];
  /** Parts that stderr must have, and those that it must not. */
  readonly err?: readonly string[];
  readonly never?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface StackFile {
  readonly services: Readonly<Record<string, object>>;
  readonly [section: string]: unknown;
}

type Start = (words: readonly string[], environment: Record<string, string>) => Promise<Finished>;

/** The programs a scenario is carried out with: the link, the plugin of the docker CLI, and the real one if it is there. */
export const programs: readonly {
  readonly program: string;
  readonly place: (project: TestProject) => Start;
}[] = [
  {
    program: 'docker-compose',
    place: (project) => {
      const placed = asProgram(project, 'docker-compose');
      return (words, environment) => placed.start(words, environment).finished;
    },
  },
  ...(spawnSync('docker', ['--version']).status === 0
    ? [
        {
          program: 'docker compose',
          place: (project: TestProject): Start => {
            const placed = asProgram(project, 'docker-compose', 'config/cli-plugins');
            const PATH = `${placed.folder}${path.delimiter}${process.env.PATH ?? ''}`;
            const DOCKER_CONFIG = path.join(project.directory, 'config');
            return (words, environment) =>
              project.startOther('docker', ['compose', ...words], {
                environment: { PATH, DOCKER_CONFIG, ...environment },
              }).finished;
          },
        },
      ]
    : []),
  ...(process.env.STACK_LAB_COMPOSE === undefined
    ? []
    : [
        {
          program: 'the real one',
          place:
            (project: TestProject): Start =>
            (words, environment) =>
              project.startOther(process.env.STACK_LAB_COMPOSE ?? '', words, { environment }).finished,
        },
      ]),
];

/** Carries a scenario out in a project of its own, and removes it. */
export async function playScenario(
  { file, files = {}, steps, engine }: Scenario,
  { place }: (typeof programs)[number],
): Promise<void> {
  const project = createProject();
  try {
    project.write(
      'compose.yaml',
      typeof file === 'string' ? file : JSON.stringify(labelled(file)).replaceAll('NAME', project.name),
    );
    for (const [path, text] of Object.entries(files))
      project.write(path, text.replaceAll('NAME', project.name));
    const start = place(project);
    for (const step of steps) await playStep(step, start, project.name);
  } finally {
    if (engine === false) rmSync(project.directory, { recursive: true, force: true });
    else await project.remove();
  }
}

/** A project that is named from outside may be read from labels alone, without its file. */
const unnamed = { COMPOSE_PROJECT_NAME: '' };

async function playStep(step: ScenarioStep, start: Start, name: string): Promise<void> {
  const named = (text: string): string => text.replaceAll('NAME', name);
  const words = [...step.words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) =>
    named(quoted ?? plain ?? ''),
  );
  const { code, stdout, stderr } = await start(words, { ...unnamed, ...step.environment });
  const told = `${step.words}\n${stdout}${stderr}`;
  expect(code, told).toBe(step.code ?? 0);
  if (step.stdout !== undefined) expect(linesOf(stdout)).toEqual(step.stdout.map(named).toSorted());
  for (const part of step.out ?? []) expect(stdout, told).toContain(named(part));
  for (const part of step.err ?? []) expect(stderr, told).toContain(named(part));
  for (const part of step.never ?? []) expect(stdout + stderr, told).not.toContain(named(part));
}

/** The lines, without the sequences by which the cursor is sent back. */
function linesOf(text: string): readonly string[] {
  const lines = text.replaceAll('\r\u001B[K', '').split('\n');
  return lines.filter((line) => line !== '').toSorted();
}

function labelled({ services, ...sections }: StackFile): object {
  const labels = { 'dev.stack.test': 'as-compose' };
  return {
    name: 'NAME',
    ...sections,
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { labels, init: true, ...service }]),
    ),
    networks: { default: { labels }, ...(sections.networks as object | undefined) },
  };
}
