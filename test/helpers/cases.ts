import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { LoadRequest } from '../../src/load/load.ts';

/** A command that was given to Docker Compose, and what it printed. */
export interface Expected {
  /** The words after the name of the program. */
  readonly command: readonly string[];
  readonly ok: boolean;
  /** Data of JSON, or lines; absent if it refused. */
  readonly output?: unknown;
}

export interface Case {
  readonly name: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, Expected>>;
}

const folder = path.resolve(import.meta.dirname, '../cases');

/** The cases of `test/cases`, whose README tells where they come from. */
export function readCases(): readonly Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line));
}

export interface PlacedCase extends Case {
  /** The folder that `<case>` stands for. */
  readonly own: string;
  /** What to load for a command. */
  request(command: readonly string[]): LoadRequest;
}

/** Writes the files of cases; they are removed after the test. */
export function placeCases(cases: readonly Case[]): readonly PlacedCase[] {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'stack-cases-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return cases.map((one, index) => {
    const directory = path.join(root, String(index));
    for (const [file, text] of Object.entries(one.files)) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text);
    }
    const request = (command: readonly string[]): LoadRequest => ({
      directory: path.join(directory, one.cwd),
      files: command.flatMap((word, at) => (command[at - 1] === '-f' ? [word] : [])),
      profiles: [],
      services: [],
      environment: { HOME: '/home/tester', ...one.env },
    });
    return { ...one, own: path.join(directory, one.name), request };
  });
}
