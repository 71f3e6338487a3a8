import type { Problem, ProblemCode } from './problem.ts';

/** What was found out about the engines and the machine, for `stack doctor`. What could not be found out is absent. */
export interface Facts {
  readonly engine: EngineFacts;
  /** Engines that answer besides, at the places where they usually are. */
  readonly others: readonly EnginePlace[];
  readonly docker: DockerFacts;
  readonly machine: MachineFacts;
  /** What is wrong with the stack of the current folder, or in its way; absent: there is none. */
  readonly stack?: { readonly name: string; readonly problems: readonly Problem[] };
}

/** Where an engine is, and who says so. */
export interface EnginePlace {
  readonly url: string;
  readonly from: string;
}

export interface EngineFacts extends EnginePlace {
  /** Why it could not be asked; or what it was, as it answered. */
  readonly answer:
    | {
        readonly problem: Problem;
        /** What the system calls it: `ENOENT` where there is no socket. */
        readonly errno?: string;
      }
    | { readonly about: AboutEngine };
}

export interface AboutEngine {
  /** `Docker Engine - Community 28.2.2`, `Podman Engine 4.3.1`. */
  readonly name: string;
  readonly isPodman: boolean;
  /** The newest version of the API that it speaks. */
  readonly apiVersion: string;
  readonly os: string;
  readonly architecture: string;
  readonly system?: string;
  readonly storageDriver?: string;
  readonly cgroupVersion?: string;
  readonly isRootless: boolean;
  readonly hasBuildKit: boolean;
  /** Its clock less the one of this machine, in seconds. */
  readonly clockAhead?: number;
  /** Where it keeps its data, if that is on this machine. */
  readonly disk?: { readonly folder: string; readonly free: number; readonly size: number };
  /** What it complains of by itself. */
  readonly warnings: readonly string[];
}

/** What is installed and configured for the docker CLI. */
export interface DockerFacts {
  /** The folder of its configuration. */
  readonly folder: string;
  readonly contexts: readonly string[];
  /** Programs that keep passwords of registries. */
  readonly credentialPrograms: readonly { readonly name: string; readonly isThere: boolean }[];
  readonly plugins: readonly { readonly name: string; readonly version: string; readonly file: string }[];
}

export interface MachineFacts {
  readonly nodeVersion: string;
  readonly lockFolder: { readonly path: string; readonly problem?: string };
  /** Only Linux has such limits. */
  readonly inotify?: { readonly watches: number; readonly instances: number };
}

/** One thing that was looked at, and how it is: a `Problem` that may also be none. */
export interface Finding extends Pick<Problem, 'message' | 'hint' | 'cause' | 'location'> {
  /** What was looked at; one word that never changes. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  /** For what is wrong in a way that other commands tell, too. */
  readonly code?: ProblemCode;
}
