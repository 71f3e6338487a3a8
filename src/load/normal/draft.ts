import type {
  Build,
  Config,
  Deploy,
  Develop,
  EnvFile,
  Model,
  Network,
  Provider,
  Secret,
  Service,
  Volume,
} from '../../model/stack.ts';

/** A stack as its files have it, merged and in long forms, before what they leave open is filled in. */
export interface Draft {
  readonly name?: string;
  readonly services?: Readonly<Record<string, DraftService>>;
  readonly networks?: Readonly<Record<string, DraftObject<Network> | null>>;
  readonly volumes?: Readonly<Record<string, DraftObject<Volume> | null>>;
  readonly configs?: Readonly<Record<string, DraftObject<Config>>>;
  readonly secrets?: Readonly<Record<string, DraftObject<Secret>>>;
  readonly models?: Readonly<Record<string, Model>>;
}

export type DraftService = Omit<
  Service,
  'build' | 'command' | 'depends_on' | 'deploy' | 'develop' | 'entrypoint' | 'provider'
> & {
  readonly build?: DraftBuild;
  /** `null` clears what an earlier file has. */
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  readonly depends_on?: Readonly<Record<string, DraftDependency>>;
  readonly deploy?: Deploy | null;
  readonly develop?: Develop | null;
  readonly env_file?: readonly EnvFile[];
  readonly label_file?: readonly string[];
  readonly pull_refresh_after?: string;
  readonly provider?: DraftProvider;
};

export type DraftProvider = Omit<Provider, 'options'> & {
  /** A single value is not in a list yet. */
  readonly options?: Readonly<Record<string, string | readonly string[]>>;
};

export type DraftBuild = Omit<Build, 'context' | 'args'> & {
  readonly context?: string;
  readonly args?: Readonly<Record<string, string | null>>;
};

export type DraftDependency = Partial<NonNullable<Service['depends_on']>[string]>;

export type DraftObject<Part extends Network | Volume | Config | Secret> = Omit<Part, 'name' | 'external'> & {
  readonly name?: string;
  readonly external?: boolean;
};
