/** A file of a project that is kept in a registry. */
export interface ProjectFile {
  /** A stack file, a file whose services others extend, or an env file. */
  readonly kind: 'stack' | 'extended' | 'environment';
  /** Without a folder: all files of a project are in one. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** Projects that were published, by references like `example.com/team/shop:1.2`. Throws `ProblemsError` and nothing else. */
export interface PublishedProjects {
  /** What a reference stands for now: `sha256:…`. One that has a digest is not asked for. */
  digestOf(reference: string): Promise<string>;
  /** The files of the project with a digest that a reference stands for, in the order in which they are merged. */
  filesOf(reference: string, digest: string): Promise<readonly ProjectFile[]>;
}

/** What `stack` needs of image registries, in our words. */
export interface Registry extends PublishedProjects {
  publish(request: PublishRequest): Promise<void>;
}

export interface PublishRequest {
  /** Where to: `example.com/team/shop:1.2`. */
  readonly reference: string;
  readonly files: readonly ProjectFile[];
  /** Which version of the OCI image specification; undefined: the newest that the registry takes. */
  readonly ociVersion?: '1.0' | '1.1' | undefined;
  /** Images to be kept beside the project. */
  readonly images: readonly string[];
}
