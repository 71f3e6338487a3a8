import { type Folder, lookInto, within } from '../init/folder.ts';
import { type Program, programIn, type Unstartable } from '../init/program.ts';
import { type Placed, stackText } from '../init/stack-file.ts';
import { resolve } from '../load/paths.ts';
import { stackFileIn } from '../load/project/find.ts';
import { exampleNames } from '../load/variables/missing.ts';
import { failure } from '../model/problem.ts';

/** What is there, and the files that make a stack of it. */
export interface Prepared {
  /** The stack file that is there; then there is nothing to do. */
  readonly existing?: string;
  /** What was found, and what follows from it; a line each. */
  readonly findings: readonly string[];
  /** None of them is there. */
  readonly files: readonly NewFile[];
}

export interface NewFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/**
 * Makes a stack file, and what images need to be built, out of what a folder has. `isFree` tells whether a port of this
 * machine is. Throws `nothing-found`.
 */
export async function prepareStack(
  directory: string,
  isFree: (port: number) => Promise<boolean>,
): Promise<Prepared> {
  const existing = stackFileIn(directory);
  if (existing !== undefined) return { existing, findings: [], files: [] };
  const folder = await lookInto(directory);
  const found = programsIn(folder);
  const programs = found.filter((one): one is Located => !('unstartable' in one.program));
  if (programs.length === 0) throw nothingFound(directory, found);
  const placed = await withPorts(withNames(programs), isFree);
  const hasDotenv = ['.env', ...exampleNames].some((name) => folder.files.includes(name));
  return {
    findings: [
      ...found.flatMap(({ folder: at, program }) => findingsOf(at, program)),
      ...portFindings(placed),
    ],
    files: [
      { path: resolve(directory, 'stack.yaml'), text: stackText(placed, { hasDotenv }) },
      ...placed.flatMap(({ folder: at, program }) =>
        filesFor(resolve(directory, at), program, insideOf(folder, at)),
      ),
    ],
  };
}

interface Found {
  readonly folder: string;
  readonly name: string;
  readonly program: Program | Unstartable;
}

interface Located extends Found {
  readonly program: Program;
}

/** The program of the folder itself, else those of the folders in it; what has a Dockerfile is one in any case. */
function programsIn(folder: Folder): readonly Found[] {
  const own = programIn(folder);
  const isStarted = own !== undefined && 'processes' in own;
  const below = folder.folders.flatMap((name): Found[] => {
    const inside = within(folder, name);
    const program = !isStarted || inside.files.includes('Dockerfile') ? programIn(inside) : undefined;
    const service = serviceNamed(name);
    return program === undefined || service === '' ? [] : [{ folder: `./${name}`, name: service, program }];
  });
  // What only holds others together is not started.
  if (own === undefined || (!isStarted && below.length > 0)) return below;
  const first = isStarted ? own.processes[0]?.name : undefined;
  return [{ folder: '.', name: first ?? 'web', program: own }, ...below];
}

function serviceNamed(folder: string): string {
  return folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .replace(/^[^a-z0-9]+/, '');
}

function insideOf(folder: Folder, at: string): Folder {
  return at === '.' ? folder : within(folder, at.slice(2));
}

interface Named extends Located {
  readonly names: readonly string[];
}

/** What processes are called as services: no two the same, and none as what programs need. */
function withNames(programs: readonly Located[]): readonly Named[] {
  const taken = new Set(programs.flatMap(({ program }) => program.needs.map(({ name }) => name)));
  const own = (wanted: string): string => {
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
    taken.add(name);
    return name;
  };
  return programs.map((one) => {
    const names = one.program.processes.map(({ name }, index) =>
      own(index === 0 ? one.name : one.name === 'web' ? name : `${one.name}-${name}`),
    );
    return { ...one, names };
  });
}

/** Each is published under its own number, or the next one that is free. */
async function withPorts(
  programs: readonly Named[],
  isFree: (port: number) => Promise<boolean>,
): Promise<readonly Placed[]> {
  const given = new Set<number>();
  const placed: Placed[] = [];
  for (const one of programs) {
    const { port } = one.program;
    if (port === undefined) {
      placed.push(one);
      continue;
    }
    // Not everyone may use the low ones.
    let publishedAt = port < 1024 ? port + 8000 : port;
    while (publishedAt < 65_535 && (given.has(publishedAt) || !(await isFree(publishedAt)))) publishedAt++;
    given.add(publishedAt);
    placed.push({ ...one, publishedAt });
  }
  return placed;
}

function findingsOf(at: string, program: Program | Unstartable): readonly string[] {
  const where = at === '.' ? '' : `${at.slice(2)}/`;
  const found = `found ${where}${program.because}: ${program.what}`;
  if ('unstartable' in program) return [`${found}, but nothing says how it is started; it is left out`];
  const { port, processes, needs } = program;
  const listens = port === undefined ? '; nothing says where it listens' : `, listens on ${port}`;
  const commands = processes.flatMap(({ name, command }) => (command === undefined ? [] : [name]));
  return [
    found + listens,
    ...(commands.length === 0 ? [] : [`found ${where}Procfile: ${commands.join(', ')}`]),
    ...needs.map(({ because, what, name }) => `found ${because} in use: ${what}, as the service ${name}`),
  ];
}

function portFindings(placed: readonly Placed[]): readonly string[] {
  return placed.flatMap(({ names: [name], program: { port }, publishedAt }) => {
    if (port === undefined || publishedAt === undefined || port === publishedAt) return [];
    const other = placed.find((one) => one.publishedAt === port);
    const why =
      port < 1024 ? 'not for everyone' : other === undefined ? 'taken here' : `that of ${other.names[0]}`;
    return [`${name} is published as ${publishedAt}, as ${port} is ${why}`];
  });
}

function filesFor(directory: string, { dockerfile, ignored }: Program, folder: Folder): readonly NewFile[] {
  const written = folder.texts.get('Dockerfile') ?? '';
  // What a Dockerfile names is of use to it.
  const useless = ['.git', '.env', '.env.*', 'stack.yaml', ...ignored].filter(
    (name) => !written.includes(name),
  );
  return [
    ...(dockerfile === undefined ? [] : [{ path: resolve(directory, 'Dockerfile'), text: dockerfile }]),
    ...(folder.files.includes('.dockerignore')
      ? []
      : [
          {
            path: resolve(directory, '.dockerignore'),
            text: [
              '# What images have no use for; a change of these builds nothing anew.',
              ...useless,
              '',
            ].join('\n'),
          },
        ]),
  ];
}

function nothingFound(directory: string, found: readonly Found[]): Error {
  const [first] = found;
  return failure({
    code: 'nothing-found',
    message:
      first === undefined
        ? `there is no program in ${directory} that could be brought up`
        : `there is a program for ${first.program.what}, but nothing says how it is started`,
    hint:
      first === undefined
        ? 'looked for: Dockerfile, Procfile, package.json, requirements.txt, pyproject.toml, go.mod, Gemfile, pom.xml, here and one folder down'
        : 'write a Procfile with `web: COMMAND`, or a Dockerfile, then run this again',
  });
}
