import { homedir } from 'node:os';
import { join } from 'node:path';
import { isExecutable, run } from './shell.ts';

/** The real Docker Compose on this machine, version 2 or newer, as a program that runs by itself. */
export async function findCompose(): Promise<string | undefined> {
  const folders = [
    join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins'),
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins',
    '/Applications/Docker.app/Contents/Resources/cli-plugins',
    ...(process.env.PATH ?? '').split(':'),
  ];
  const programs = [
    process.env.STACK_LAB_COMPOSE,
    ...folders.map((folder) => join(folder, 'docker-compose')),
  ];
  for (const program of programs) {
    if (program !== undefined && isExecutable(program) && (await isCurrent(program))) return program;
  }
  return undefined;
}

/** The first Compose, in Python, has the same name and another language. */
async function isCurrent(program: string): Promise<boolean> {
  const version = await run(program, ['version', '--short']).catch(() => '');
  return Number.parseInt(version.replace(/^v/, ''), 10) >= 2;
}
