/** A port of the host, at one of its addresses; no address stands for all of them. */
export interface HostPort {
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: string;
}

/** Whether who listens at one of two ports leaves no room for the other. */
export function clashes(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port || one.protocol !== other.protocol) return false;
  const [a, b] = [one.hostIp, other.hostIp];
  if (a === b || a === '' || b === '') return true;
  // All addresses of IPv4 are none of IPv6.
  return (isAny(a) || isAny(b)) && a.includes(':') === b.includes(':');
}

function isAny(hostIp: string): boolean {
  return hostIp === '0.0.0.0' || hostIp === '::';
}

export interface NeighboursRequest {
  /** Ports that containers are to have. */
  readonly ports: readonly HostPort[];
  /** Also what the machine of the engine has. */
  readonly machine: boolean;
}

/** What else is on the engine and on its machine, with which what is to be made has to get along. */
export interface Neighbours {
  /** All containers of the engine, whoever made them. */
  readonly containers: readonly Neighbour[];
  /** Of the ports that were asked for, those that something other than a container of this engine has. */
  readonly taken: readonly TakenPort[];
  /** For a port that something has: one near it that nothing has. */
  readonly free: ReadonlyMap<number, number>;
  readonly machine?: EngineMachine;
}

export interface Neighbour {
  readonly id: string;
  readonly name: string;
  /** The project that it is of, if it is of any. */
  readonly project?: string;
  /** Those that it has now. */
  readonly ports: readonly HostPort[];
}

export interface TakenPort {
  readonly port: HostPort;
  /** In words: `node (process 123)`; absent: that cannot be found out. */
  readonly by?: string;
  /** The engine asks the same machine for its ports; else it may be that only this machine has no room. */
  readonly isCertain: boolean;
}

/** The machine that an engine runs on, which may be a virtual one. */
export interface EngineMachine {
  readonly isPodman: boolean;
  readonly processors: number;
  /** Bytes. */
  readonly memory: number;
  /** As images name it: `amd64`. */
  readonly architecture: string;
  /** Its clock less the one of this machine, in seconds. */
  readonly clockAhead?: number;
  /** Where it keeps its data, if that is on this machine. */
  readonly disk?: { readonly folder: string; readonly free: number; readonly size: number };
  /** Where it takes the subnets of networks from that name none; absent: that is not known. */
  readonly pools?: readonly { readonly base: string; readonly size: number }[];
  /** What the routes of the machine lead to, other than networks of the engine; only if it is this machine. */
  readonly routes?: readonly { readonly subnet: string; readonly device: string }[];
}
