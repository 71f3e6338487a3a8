/**
 * The labels by which Docker Compose knows its containers, networks and volumes, written word for word so that either
 * tool sees the same project. Those that only `stack` reads begin with `dev.stack.`.
 */
export const label = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  /** Of one-off containers. */
  slug: 'com.docker.compose.slug',
  /** Of containers in which a hook of a service runs: `pre_start`. They have no config hash. */
  hook: 'com.docker.compose.hook',
  configHash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  dependsOn: 'com.docker.compose.depends_on',
  workingDir: 'com.docker.compose.project.working_dir',
  configFiles: 'com.docker.compose.project.config_files',
  environmentFiles: 'com.docker.compose.project.environment_file',
  version: 'com.docker.compose.version',
  replace: 'com.docker.compose.replace',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
  /** The SHA-256 of the discovery variables that were injected; the config hash must not cover them. */
  discovery: 'dev.stack.discovery',
  /**
   * Of one that was made beside the container it replaces: `true` without the names of its service, which it got when it took
   * over; `named` with them, as nobody could ask the other one anything.
   */
  aside: 'dev.stack.aside',
  /** Of one that is killed as soon as it is asked to stop: `0`, the seconds that it has. No list of the engine tells them. */
  grace: 'dev.stack.grace',
  /** Why a container took the place of another one. */
  because: 'dev.stack.because',
  /** Of volumes that hold what removed ones had, and of containers by which it gets there: the project. */
  trash: 'dev.stack.trash',
  /** Of containers by which a volume gets what another one has: what is to be made good if they are left behind, as JSON. */
  copying: 'dev.stack.copying',
  /** Of the empty volume that is made once such a volume has all: what it is, as JSON. */
  kept: 'dev.stack.trash.kept',
} as const;

/** What the names of volumes begin with that hold what removed ones had. */
export const holderPrefix = 'stack-trash-';

/** What the names of containers begin with by which volumes get what others have. */
export const copyPrefix = 'stack-copy-';

/** The Docker Compose release whose objects ours are interchangeable with. */
export const composeVersion = '2.40.3';
