import type { Backing } from './backing.ts';
import type { Program } from './program.ts';

/** A program and the folder it is in. */
export interface Placed {
  /** Relative to the stack file: `.` or `./api`. */
  readonly folder: string;
  /** What its processes are called as services. */
  readonly names: readonly string[];
  readonly program: Program;
  /** Where its port is published on this machine; absent: nowhere. */
  readonly publishedAt?: number;
}

export interface StackOptions {
  /** Programs read variables of their own from `.env`. */
  readonly hasDotenv: boolean;
}

/** The text of a stack file for programs and what they need. */
export function stackText(programs: readonly Placed[], { hasDotenv }: StackOptions): string {
  const needs = neededBy(programs);
  const services = [
    ...programs.flatMap((placed) => servicesOf(placed, hasDotenv)),
    ...needs.map(({ name, what, because, lines, port }) =>
      service(name, `${what}, as ${because} is used.`, [
        ...lines,
        '# For programs on this machine: stack env SERVICE --host -- COMMAND',
        `ports: ["127.0.0.1::${port}"]`,
      ]),
    ),
  ];
  const volumes = needs.flatMap(({ volume }) => volume ?? []);
  const passwords = needs.filter(({ password }) => password !== undefined);
  return [
    '# What `stack init` found in this folder; change it as you like. `stack up` brings it up, `stack check` tells what is',
    '# wrong with it. docker compose understands it, too: docker compose -f stack.yaml up',
    '',
    'services:',
    services.map((lines) => lines.join('\n')).join('\n\n'),
    ...(volumes.length === 0
      ? []
      : [
          '',
          '# Data that stays until `stack down --volumes`.',
          'volumes:',
          ...volumes.map((name) => `  ${name}:`),
        ]),
    ...(passwords.length === 0
      ? []
      : [
          '',
          '# Made up and written into .env where it is not there yet.',
          'x-stack:',
          '  env:',
          ...passwords.map(
            ({ password, what }) => `    ${password}: { generate: 24, describe: password of ${what} }`,
          ),
        ]),
    '',
  ].join('\n');
}

/** Each database once, whoever needs it. */
function neededBy(programs: readonly Placed[]): readonly Backing[] {
  const needs = programs.flatMap(({ program }) => program.needs);
  return [...new Map(needs.map((backing) => [backing.name, backing])).values()];
}

function servicesOf(
  { folder, names, program, publishedAt }: Placed,
  hasDotenv: boolean,
): readonly (readonly string[])[] {
  const { what, because, processes, port, environment, needs } = program;
  const variables = { ...environment, ...Object.fromEntries(needs.map(({ address }) => address)) };
  return processes.map(({ name: process, command }, index) => {
    const name = names[index] ?? process;
    const isFirst = index === 0;
    const publishes = isFirst && port !== undefined && publishedAt !== undefined;
    const lines = [
      `build: ${/^[\w./ -]*[\w./-]$/.test(folder) ? folder : JSON.stringify(folder)}`,
      ...(command === undefined
        ? []
        : [`command: ${JSON.stringify(['sh', '-c', replacing(command).replaceAll('$', '$$$$')])}`]),
      '# Hands signals on, and clears up after what it starts.',
      'init: true',
      ...(publishes ? [`ports: ["127.0.0.1:${publishedAt}:${port}"]`] : []),
      ...(publishes
        ? [
            '# `up --wait`, and who depends on it, wait until it listens.',
            `x-stack: { ready: { tcp: ${port} } }`,
          ]
        : []),
      ...(hasDotenv ? ['env_file:', '  - path: .env', '    required: false'] : []),
      ...(Object.keys(variables).length === 0 ? [] : ['environment:']),
      ...Object.entries(variables).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
      ...(needs.length === 0 ? [] : ['depends_on:']),
      ...needs.map((backing) => `  ${backing.name}: { condition: service_healthy }`),
    ];
    const said = because === 'Dockerfile' ? 'What its Dockerfile starts.' : `${what}, as ${because} says.`;
    return service(name, isFirst ? said : `\`${process}\` of the Procfile.`, lines);
  });
}

/** A shell makes way for a single program, which hears of signals then; of several commands it is needed for the others. */
function replacing(command: string): string {
  return /[;&|\n]|^\w+=|^(?:cd|exec|export|set|source|\.)\s/.test(command) ? command : `exec ${command}`;
}

function service(name: string, comment: string, lines: readonly string[]): readonly string[] {
  return [`  # ${comment}`, `  ${name}:`, ...lines.map((line) => `    ${line}`)];
}
