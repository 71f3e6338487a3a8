import type { Port } from './stack.ts';

/** A stack that stands beside the one it is a copy of, of the same files, under a project name of its own. */
export interface Copy {
  readonly project: string;
  /** The project directory. */
  readonly directory: string;
  /** The project that the files are without a copy. */
  readonly original: string;
  /** What its volumes have: nothing at first, those of the original themselves, or what was in those. */
  readonly data: 'empty' | 'share' | 'clone';
  /** The ports of the host that it has in the place of those in the files, by `portKey`. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What a port is known by that a copy has another number for. */
export function portKey(service: string, { host_ip = '', published = '', target, protocol }: Port): string {
  return `${service} ${host_ip}:${published}:${target}/${protocol}`;
}

/** The one port of the host that a port is published at; undefined where there are several to choose from. */
export function fixedNumber({ published = '' }: Port): number | undefined {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(published) ?? [];
  return first === undefined || first !== last || Number(first) === 0 ? undefined : Number(first);
}
