/** How the program was called, and what it is asked to do. */
export interface Invocation {
  /** It stands in the place of Docker Compose: with its name, its version and its manners. */
  readonly asCompose: boolean;
  /** What one types to call it: `stack`, `docker compose`. */
  readonly calledAs: string;
  /** The words after the program's name, and after `compose`. */
  readonly words: readonly string[];
  /** The docker CLI only asks who this is. */
  readonly asksWhoThisIs?: true;
}

/**
 * `stack compose …`, a program named `docker-compose`, and a plugin of the docker CLI all understand what Docker Compose
 * understands. The CLI calls a plugin with its own options, then `compose`, then what is meant for it, and says so by a
 * variable.
 */
export function readInvocation(
  calledAs: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Invocation {
  if (!/(?:^|[/\\])docker-compose(?:\.\w+)?$/.test(calledAs)) {
    return words[0] === 'compose'
      ? { asCompose: true, calledAs: 'stack compose', words: words.slice(1) }
      : { asCompose: false, calledAs: 'stack', words };
  }
  const plugin = { asCompose: true, calledAs: 'docker compose' };
  if (words[0] === 'docker-cli-plugin-metadata') return { ...plugin, words, asksWhoThisIs: true };
  const isPlugin = (environment.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND ?? '') !== '';
  return isPlugin
    ? { ...plugin, words: withoutOwnName(words) }
    : { asCompose: true, calledAs: 'docker-compose', words };
}

/** The options of the docker CLI that the next word belongs to. */
const withValue = /^(?:--(?:config|context|host|log-level|tlscacert|tlscert|tlskey)|-[cHl])$/;
/** What the docker CLI may say before the name of the plugin. */
const before = ['help', '__complete', '__completeNoDesc'];

/** Without the word `compose` that the docker CLI put, or left, before what is meant for the plugin. */
function withoutOwnName(words: readonly string[]): readonly string[] {
  let place = 0;
  for (; words[place]?.startsWith('-'); place++) if (withValue.test(words[place] ?? '')) place++;
  if (before.includes(words[place] ?? '')) place++;
  return words[place] === 'compose' ? words.toSpliced(place, 1) : words;
}
