import manifest from '../../package.json' with { type: 'json' };

export const { version } = manifest;

/**
 * What a script is told that asks Docker Compose for its version: the one whose behaviour it gets, and after the `+`, where
 * a version says who built it, who this is.
 */
export const composeVersion = `v2.40.3+stack.${version}`;

/** The version as `version` tells it, with a line end; short: only the number. */
export function versionLine(asCompose: boolean, short: boolean): string {
  const own = asCompose ? composeVersion : version;
  if (short) return `${own.replace(/^v/, '')}\n`;
  return `${asCompose ? `Docker Compose version ${own}` : `stack ${own}`}\n`;
}
