/** What the engine tells of single things when a user asks for more than a plan needs. */

export interface ImageDetails {
  /** `sha256:…` */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** `linux/arm64/v8` */
  readonly platform: string;
  /** When it got its name on this engine, as the engine writes it; absent: not known. */
  readonly lastTagTime?: string;
}

export interface VolumeDetails {
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly mountpoint: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The processes of a container as the engine's `ps` lists them. */
export interface ProcessList {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

/** Something that happened to a container, in the engine's own words. */
export interface EngineEvent {
  /** Microseconds since 1970: what numbers can hold. */
  readonly time: number;
  /** `start`, `die`, `health_status: healthy`, … */
  readonly action: string;
  readonly id: string;
  readonly service: string;
  /** Without the labels of Docker Compose. */
  readonly attributes: Readonly<Record<string, string>>;
}
