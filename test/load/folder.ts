import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Loaded, type LoadRequest, loadStack } from '../../src/load/load.ts';
import { type Problem, problemsOf } from '../../src/model/problem.ts';

/** A folder named `p` with these files, inside an empty one; it is removed after the test. `-> PATH` makes a link. */
export function folder(files: Readonly<Record<string, string>>): string {
  const parent = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'stack-load-')));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const directory = path.join(parent, 'p');
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), path.join(directory, name));
    else writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

export function request(directory: string, more: Partial<LoadRequest> = {}): LoadRequest {
  return { directory, files: [], profiles: [], services: [], environment: {}, ...more };
}

/** Loads one text as if it came from standard input. */
export function loadText(text: string, more: Partial<LoadRequest> = {}): Promise<Loaded> {
  return loadStack(request('/work/p', { files: ['-'], readStdin: async () => text, ...more }));
}

/** The problems of a load that fails, or its warnings. */
export async function problemsIn(loading: Promise<Loaded>): Promise<readonly Problem[]> {
  try {
    return (await loading).warnings;
  } catch (error) {
    return problemsOf(error);
  }
}

/** Problems in one line each: `line:column code path`. */
export function shortly(problems: readonly Problem[]): string[] {
  return problems.map(({ location, code, path: at }) =>
    [location === undefined ? '-' : `${location.line}:${location.column}`, code, at ?? ''].join(' ').trim(),
  );
}
