import type { Build, Network, Service, Volume } from '../model/stack.ts';

/** A stack as its files have it, merged and in long forms, before what they leave open is filled in. */
export interface Draft {
  readonly name?: string;
  readonly services?: Readonly<Record<string, DraftService>>;
  readonly networks?: Readonly<Record<string, DraftObject<Network> | null>>;
  readonly volumes?: Readonly<Record<string, DraftObject<Volume> | null>>;
}

export type DraftService = Omit<Service, 'build' | 'command' | 'depends_on' | 'entrypoint'> & {
  readonly build?: DraftBuild;
  /** `null` clears what an earlier file has. */
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  readonly depends_on?: Readonly<Record<string, DraftDependency>>;
  readonly env_file?: readonly EnvFile[];
  readonly label_file?: readonly string[];
};

export type DraftBuild = Omit<Build, 'context' | 'args'> & {
  readonly context?: string;
  readonly args?: Readonly<Record<string, string | null>>;
};

export type DraftDependency = Partial<NonNullable<Service['depends_on']>[string]>;

export type DraftObject<Part extends Network | Volume> = Omit<Part, 'name' | 'external'> & {
  readonly name?: string;
  readonly external?: boolean | { readonly name?: string };
};

export interface EnvFile {
  readonly path: string;
  readonly required?: boolean;
  readonly format?: 'raw';
}
