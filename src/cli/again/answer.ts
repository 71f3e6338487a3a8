import path from 'node:path';
import { isatty } from 'node:tty';
import { keepFile, placeOf } from '../../docker/places.ts';
import { label } from '../../model/labels.ts';
import type { PublishedPort } from '../../model/observed.ts';
import type { PortAnswer } from '../../model/runtime.ts';
import { networkAddresses } from '../addresses.ts';
import { readOwn, removeOlder } from '../own-file.ts';
import { shortName } from '../short-name.ts';

/** Something that was found out once, and what it followed from on this machine. */
export interface Kept {
  readonly v: number;
  /** When it was found out, in milliseconds since 1970. */
  readonly at: number;
  /** A digest of the variables, whose values may be secret, and of the networks of this machine. */
  readonly surroundings: string;
  /** By path, see `lookAt`. */
  readonly looks: Readonly<Record<string, string>>;
}

/** What a command said, and all that this followed from: as long as nothing of it is another, it would say the same again. */
export interface Answer extends Kept {
  readonly asked: Asked;
  readonly engine: EngineAnswers;
  readonly ports: readonly (readonly [PublishedPort, PortAnswer])[];
  readonly said: readonly Said[];
}

/** What is plain to see of a command before anything is done. */
export interface Asked {
  readonly build: string;
  /** A digest: they may have secrets in them. */
  readonly words: string;
  readonly directory: string;
  /** Which of the standard streams are terminals, and how wide those are. */
  readonly terminals: readonly boolean[];
  readonly columns?: number;
}

export interface EngineAnswers {
  /** Absent: nothing was asked. */
  readonly socketPath?: string;
  /** By question, with the version of the API. */
  readonly digests: Readonly<Record<string, Digests>>;
}

export type Said = readonly [stream: 'stdout' | 'stderr', text: string];

/** Of what is kept. */
export const form = 1;

/** How long it may be believed at most, in milliseconds. */
const longest = 24 * 60 * 60 * 1000;

/** How long an engine may take for its answers, in milliseconds: one that takes longer is asked by the command alone. */
export const patience = 400;

/** What a command asks with these words. */
export function askedBy(words: readonly string[], build: string): Asked {
  const terminals = [0, 1, 2].map((stream) => isatty(stream));
  // To open a stream takes a while.
  const { columns } = terminals[1] === true ? process.stdout : terminals[2] === true ? process.stderr : {};
  return {
    build,
    words: digestOf(words.join('\0')),
    directory: process.cwd(),
    terminals,
    ...(columns === undefined ? {} : { columns }),
  };
}

/** Where the answer to it is kept. */
export function fileOf({ directory, words }: Asked): string {
  return fileFor(`${directory}\0${words}`);
}

/** Where what was found out is kept under a name. */
export function fileFor(name: string): string {
  return path.join(placeOf('cache'), 'answers', `${shortName(name)}.json`);
}

/** Keeps it for the next time; that it cannot be kept only costs time. */
export async function keep(file: string, found: Kept): Promise<void> {
  try {
    await keepFile(file, JSON.stringify(found));
    removeOlder(path.dirname(file), longest);
  } catch {
    // It is found out again.
  }
}

/** What is kept in a file; `undefined` if that is too old to be believed. Throws where nothing is kept, or nothing of ours. */
export function readKept<Found extends Kept>(file: string): Found | undefined {
  const kept: Found = JSON.parse(readOwn(file).toString());
  const age = Date.now() - kept.at;
  return kept.v === form && age >= 0 && age < longest ? kept : undefined;
}

/** A digest of variables, and of the networks that this machine is in. */
export function surroundingsOf(variables: NodeJS.ProcessEnv): string {
  const sorted = Object.entries(variables)
    .filter(([name]) => !ofEachCall.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([sorted, networkAddresses()]));
}

/** In which shells note what was typed last, and where, and the docker CLI how its plugin is to speak with it. */
const ofEachCall: ReadonlySet<string> = new Set([
  '_',
  'OLDPWD',
  'DOCKER_CLI_PLUGIN_SOCKET',
  'TRACEPARENT',
  'TRACESTATE',
]);

/** Of what an engine answers: of all of it as it came, and of what matters of it in an order of ours. */
export type Digests = readonly [asItCame: string, inOrder: string];

/** An answer of an engine, beside all that it says of containers. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly containers: string;
}

export function digestsOf(answered: Answered): Digests {
  return [digestOf(`${answered.status} ${timeless(answered.text)}`), digestOf(inOrder(answered))];
}

/** Whether an answer has these digests. To put it in order takes longer than all else, and is seldom needed. */
export function isAnswer([asItCame, ordered]: Digests, answered: Answered): boolean {
  const { status, text } = answered;
  return digestOf(`${status} ${timeless(text)}`) === asItCame || digestOf(inOrder(answered)) === ordered;
}

/** What an engine said of containers, in whatever it answered. */
export function aboutContainers(
  heard: readonly { readonly question: string; readonly text: string }[],
): string {
  return heard.flatMap(({ question, text }) => (question.includes('/containers/') ? [text] : [])).join('\n');
}

/** How long something has been running is another each time. */
function timeless(text: string): string {
  return text
    .replace(/"Status":"Up [^"(]*/g, '"Status":"Up ')
    .replace(/("Status":"Exited \(\d+\))[^"]*/g, '$1');
}

function inOrder({ status, text, containers }: Answered): string {
  const answer = JSON.parse(timeless(text));
  const lists = Array.isArray(answer) ? { '': answer } : answer;
  const texts = Object.entries(lists ?? {}).map(([name, value]) => {
    const items: readonly unknown[] = Array.isArray(value)
      ? value.filter((one) => concerns(one, containers))
      : [value];
    return [name, ...items.map((one) => JSON.stringify(one)).sort()].join('\n');
  });
  return [status, ...texts].join('\n');
}

/** What engines tell of a network or a volume. */
interface Named {
  readonly Name?: unknown;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/**
 * False for networks and volumes that surely are other projects', which come and go. A project that lacks nothing has all of
 * its own, and its containers tell of all that they use.
 */
function concerns(item: unknown, containers: string): boolean {
  const { Name, Labels } = (item ?? {}) as Named;
  if (typeof Name !== 'string') return true;
  const project = Labels?.[label.project];
  const isAnonymous = Labels?.['com.docker.volume.anonymous'] !== undefined;
  const isOthers =
    project === undefined ? isAnonymous : !containers.includes(`"${label.project}":"${project}"`);
  return !isOthers || containers.includes(JSON.stringify(Name));
}

/** By which a text is known again, without saying what is in it. */
export function digestOf(text: string): string {
  return `${text.length} ${shortName(text)}`;
}
