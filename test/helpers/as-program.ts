import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { launcher, type Running, type TestProject, underTest } from './project.ts';

export interface PlacedProgram {
  /** A folder for PATH: with the program, and with the Node that runs the tests. */
  readonly folder: string;
  start(words: readonly string[], environment?: Record<string, string>): Running;
}

/** The built program as people install it: by a link that has a name. */
export function asProgram(project: TestProject, name: string, folder = 'bin'): PlacedProgram {
  const absolute = path.join(project.directory, folder);
  mkdirSync(absolute, { recursive: true });
  symlinkSync(launcher, path.join(absolute, name));
  symlinkSync(underTest, path.join(absolute, 'node'));
  const PATH = `${absolute}${path.delimiter}${process.env.PATH ?? ''}`;
  return {
    folder: absolute,
    start: (words, environment = {}) =>
      project.startOther(path.join(absolute, name), words, { environment: { PATH, ...environment } }),
  };
}
