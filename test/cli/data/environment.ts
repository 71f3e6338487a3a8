/** A variable that Docker Compose 2.40.3 and the docker CLI read, and what becomes of it here. */
export interface Row {
  readonly variable: string;
  /** One that changes something; without it the variable is not tried in the table test. */
  readonly value?: string;
  /** Also in the project's env file, or only in the environment of the process. */
  readonly counts?: 'everywhere' | 'process';
  /** Why it is not tried: where else it is, or why it has no effect. */
  readonly because?: string;
}

export const environment: readonly Row[] = [
  { variable: 'COMPOSE_FILE', value: 'other.yaml', counts: 'everywhere' },
  { variable: 'COMPOSE_PATH_SEPARATOR', because: 'tried with COMPOSE_FILE in test/load/find.test.ts' },
  { variable: 'COMPOSE_PROJECT_NAME', value: 'other', counts: 'everywhere' },
  { variable: 'COMPOSE_PROFILES', value: 'extra', counts: 'everywhere' },
  { variable: 'COMPOSE_ENV_FILES', value: 'other.env', counts: 'process' },
  { variable: 'COMPOSE_DISABLE_ENV_FILE', value: '1', counts: 'process' },
  { variable: 'COMPOSE_COMPATIBILITY', value: '1', counts: 'everywhere' },
  {
    variable: 'COMPOSE_CONVERT_WINDOWS_PATHS',
    because: 'not there: sources of mounts stay as they are written',
  },
  { variable: 'COMPOSE_PARALLEL_LIMIT', value: '2', counts: 'everywhere' },
  { variable: 'COMPOSE_IGNORE_ORPHANS', value: '1', counts: 'everywhere' },
  // For up. Where it is down, only the process is asked: src/cli/run-down.ts.
  { variable: 'COMPOSE_REMOVE_ORPHANS', value: '1', counts: 'everywhere' },
  { variable: 'COMPOSE_PROGRESS', value: 'plain', counts: 'process' },
  { variable: 'COMPOSE_ANSI', value: 'never', counts: 'everywhere' },
  { variable: 'COMPOSE_STATUS_STDOUT', value: '1', counts: 'process' },
  {
    variable: 'COMPOSE_MENU',
    because: 'the live display always shows its keys; --menu is taken and changes nothing',
  },
  { variable: 'COMPOSE_BAKE', because: 'images are built by the engine itself, never by buildx' },
  {
    variable: 'COMPOSE_EXPERIMENTAL',
    because: 'it switches off parts of Docker Desktop, of which none is used',
  },
  { variable: 'COMPOSE_EXPERIMENTAL_GIT_REMOTE', because: 'tried in test/load/remote.test.ts' },
  {
    variable: 'COMPOSE_EXPERIMENTAL_OCI_REMOTE',
    because: 'tried in test/load/published.test.ts',
  },
  { variable: 'COMPOSE_EXPERIMENTAL_WATCH_TAR', because: 'there is one way to copy files into containers' },
  { variable: 'COMPOSE_WATCH_WINDOWS_BUFFER_SIZE', because: 'the watcher finds its own size' },
  { variable: 'DOCKER_HOST', value: 'tcp://other:1', counts: 'process' },
  { variable: 'DOCKER_CONTEXT', value: 'other', counts: 'process' },
  { variable: 'DOCKER_CONFIG', value: '$FOLDER/config', counts: 'process' },
  { variable: 'DOCKER_API_VERSION', value: '1.45', counts: 'process' },
  { variable: 'DOCKER_CERT_PATH', because: 'tried with DOCKER_TLS_VERIFY in test/docker/endpoint.test.ts' },
  { variable: 'DOCKER_TLS', because: 'tried in test/docker/endpoint.test.ts' },
  { variable: 'DOCKER_TLS_VERIFY', because: 'tried in test/docker/endpoint.test.ts' },
  { variable: 'DOCKER_CUSTOM_HEADERS', value: 'A=c', counts: 'process' },
  { variable: 'DOCKER_AUTH_CONFIG', because: 'tried in test/docker/credentials.test.ts' },
  { variable: 'DOCKER_HIDE_LEGACY_COMMANDS', because: 'it is about the help of the docker CLI alone' },
  { variable: 'DOCKER_DEFAULT_PLATFORM', value: 'linux/arm64', counts: 'everywhere' },
  { variable: 'DOCKER_BUILDKIT', because: 'the builder of the engine is used that can do what is asked for' },
  { variable: 'BUILDX_BUILDER', because: 'images are built by the engine itself, never by buildx' },
  { variable: 'BUILDX_EXPERIMENTAL', because: 'images are built by the engine itself, never by buildx' },
  { variable: 'BUILDKIT_PROGRESS', because: 'not there: progress is told as --progress says' },
  { variable: 'NO_COLOR', value: '1', counts: 'process' },
  {
    variable: 'NO_PROXY',
    because: 'registries are reached through them, engines directly: src/registry/proxies.ts',
  },
  {
    variable: 'HTTP_PROXY',
    because: 'registries are reached through them, engines directly: src/registry/proxies.ts',
  },
  {
    variable: 'HTTPS_PROXY',
    because: 'registries are reached through them, engines directly: src/registry/proxies.ts',
  },
  { variable: 'GIT_TERMINAL_PROMPT', because: 'tried in test/load/remote.test.ts, with git' },
  { variable: 'GIT_SSH_COMMAND', because: 'handed on to git, by src/load/project/git.ts' },
  { variable: 'PWD', value: 'here', counts: 'everywhere' },
  { variable: 'HOME', because: 'of paths that begin with ~: tried in test/load/projects.test.ts' },
  { variable: 'XDG_CACHE_HOME', because: 'tried in test/load/remote.test.ts' },
  {
    variable: 'XDG_RUNTIME_DIR',
    because: 'where locks and shared connections are: test/e2e/up-lock.test.ts',
  },
  { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', because: 'nothing is sent to anyone' },
  { variable: 'DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND', because: 'tried in test/cli/invocation.test.ts' },
];
