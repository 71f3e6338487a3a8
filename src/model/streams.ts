/** What runs between a process in a container and whoever asked for it: input, output, files, measurements. */

export interface EngineStreams {
  /** Runs a command in a container that runs, and resolves once it has ended or the user has left it. */
  exec(request: ExecRequest, streams: UserStreams, signal: AbortSignal): Promise<Ended>;
  /** The same without anyone who listens: resolves once the command runs, or with what the engine says if it cannot. */
  execDetached(request: ExecRequest, signal: AbortSignal): Promise<string | undefined>;
  /** Connects with the first process of a container, and resolves once it has ended or the user has left it. */
  attach(request: AttachRequest, streams: UserStreams, signal: AbortSignal): Promise<Ended>;
  /** Sends the first process of a container a signal; one that has ended meanwhile is no failure. */
  signalContainer(container: string, name: string, signal: AbortSignal): Promise<void>;
  /** Copies files of this machine, or those of a tar, into a container as `cp -r` would. */
  copyIn(request: CopyInRequest, signal: AbortSignal): Promise<void>;
  /** Copies files of a container to this machine as `cp -r` would. */
  copyOut(request: CopyOutRequest, signal: AbortSignal): Promise<void>;
  /**
   * Brings files of a container to this machine that it has changed since they were last compared. Where both sides have
   * changed a file, that of this machine stays. What differs the first time stays as it is on both sides.
   */
  bringBack(request: BringBackRequest, signal: AbortSignal): Promise<readonly BroughtBack[]>;
  /** What is at a path of a container as a tar. */
  readFiles(request: ReadFilesRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** All files of a container as a tar. */
  exportContainer(container: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Makes an image of a container; resolves with its id. */
  commit(request: CommitRequest, signal: AbortSignal): Promise<string>;
  /** The containers of a project, also those that no plan looks at. */
  listMeasurable(request: MeasurableRequest, signal: AbortSignal): Promise<readonly Measurable[]>;
  /**
   * What a container uses: the first time once that can be told, then again and again until it is removed; with `once`
   * a single time.
   */
  measure(
    container: string,
    options: { readonly once: boolean },
    signal: AbortSignal,
  ): AsyncIterable<Measurement>;
}

export interface BringBackRequest {
  /** Its id. */
  readonly container: string;
  /** A file, or a folder of which all files are meant. */
  readonly path: string;
  /** Where that is on this machine; absolute. */
  readonly target: string;
  /** What both sides had, by name below the path; kept up to date. */
  readonly known: Map<string, KnownFile>;
}

export interface KnownFile {
  /** Its size and time in the container. */
  readonly stamp: string;
  /** The hashes of what it contained. */
  readonly inside: string;
  readonly here: string;
}

export interface BroughtBack {
  /** Absolute. */
  readonly file: string;
  readonly outcome: 'written' | 'conflict' | 'refused';
  /** In a conflict, where that of the container is now. */
  readonly beside?: string;
}

export interface ExecRequest {
  /** Its id. */
  readonly container: string;
  readonly command: readonly string[];
  /** `NAME=VALUE` pairs. */
  readonly environment: readonly string[];
  readonly tty: boolean;
  /** What the terminal begins with. */
  readonly size?: TerminalSize;
  /** Whether what the user types or pipes in reaches it. */
  readonly input: boolean;
  readonly privileged: boolean;
  readonly user?: string;
  readonly workingDirectory?: string;
}

export interface AttachRequest {
  /** Its id. */
  readonly container: string;
  readonly input: boolean;
  /** Absent: it runs already. */
  readonly starting?: {
    /** Whether it was made with a terminal. */
    readonly tty: boolean;
    /** Called once nothing of what it writes can be missed any more. */
    readonly start: () => Promise<void>;
  };
  /** The engine removes it at its end. */
  readonly removed: boolean;
  /** Keys by which the user leaves it: `ctrl-p,ctrl-q`, which is also what they are when absent. */
  readonly detachKeys?: string;
}

/** How a conversation with a process came to its end. */
export type Ended =
  | {
      readonly how: 'exited';
      readonly exitCode: number;
      /** There was never a process; what the engine said about that. */
      readonly refused?: string;
    }
  | { readonly how: 'detached' };

/** The user's end of a conversation with a process. */
export interface UserStreams {
  /** Resolves once more may be written. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void>;
  /**
   * Called once the process can be talked to. With `raw` it is the process that a terminal's keys and its size are
   * for; without `input` nothing is read.
   */
  open(mode: { readonly raw: boolean; readonly input: boolean }): OpenStreams;
}

export interface OpenStreams {
  readonly input?: NodeJS.ReadableStream;
  /** Of the terminal; absent: there is none. */
  size?(): TerminalSize;
  /** Who hears when the size changes. */
  onResize(listener: () => void): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface CopyInRequest {
  readonly container: string;
  /** An absolute path of this machine, of which a `/` or `/.` at the end counts; or a tar. */
  readonly source: string | AsyncIterable<Uint8Array>;
  readonly destination: string;
  /** A source that is a symbolic link stands for what it leads to. */
  readonly followLink: boolean;
  /** Files keep the numbers of their users and groups. */
  readonly keepOwners: boolean;
}

export interface ReadFilesRequest {
  readonly container: string;
  readonly source: string;
  /** A source that is a symbolic link stands for what it leads to. */
  readonly followLink: boolean;
}

export interface CopyOutRequest extends ReadFilesRequest {
  /** An absolute path of this machine, of which a `/` or `/.` at the end counts. */
  readonly destination: string;
}

export interface CommitRequest {
  readonly container: string;
  /** `REPOSITORY[:TAG]`; empty: the image gets no name. */
  readonly image: string;
  readonly author: string;
  readonly message: string;
  /** Freeze it meanwhile. */
  readonly pause: boolean;
  /** Instructions as in a Dockerfile. */
  readonly changes: readonly string[];
}

export interface MeasurableRequest {
  readonly project: string;
  readonly service?: string;
  /** Also those that do not run. */
  readonly all: boolean;
}

export interface Measurable {
  readonly id: string;
  readonly name: string;
}

/** What a container uses, in bytes where it says nothing else. */
export interface Measurement {
  readonly cpuPercent: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly memoryPercent: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
  readonly processes: number;
}
