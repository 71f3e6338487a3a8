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
  /** Of one that was made beside the container it replaces, without the names of its service: it got these when it took over. */
  aside: 'dev.stack.aside',
  /** Why a container took the place of another one. */
  because: 'dev.stack.because',
} as const;

/** The Docker Compose release whose objects ours are interchangeable with. */
export const composeVersion = '2.40.3';
