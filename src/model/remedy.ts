/** What this machine is, as far as it matters for mending it. */
export interface Host {
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** What a distribution of Linux calls itself, then those it is made from: `ubuntu`, `debian`. */
  readonly distributions: readonly string[];
  /** It runs inside Windows. */
  readonly isWsl: boolean;
  readonly isRoot: boolean;
  readonly user: string;
  /** What starts services; `none` in a container. */
  readonly init: 'systemd' | 'openrc' | 'sysv' | 'none';
  /** Those of the programs that were asked for which are there. */
  readonly programs: ReadonlySet<string>;
}

/** Something that is wrong with this machine and that programs of it can mend. */
export interface Remedy {
  readonly id: 'install-engine' | 'start-engine' | 'join-group' | 'raise-inotify';
  /** As an order: `install Docker's engine`. */
  readonly what: string;
  /** In their order, word by word; none: it has to be done by hand, as the note says. */
  readonly commands: readonly (readonly string[])[];
  /** What is left to do by hand. */
  readonly note?: string;
}
