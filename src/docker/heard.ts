let heard: string | undefined;

/** What an engine says of itself with each answer: `Docker/28.0.4 (linux), API 1.48`. */
export function noteEngine(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const { server, 'api-version': api } = headers;
  if (server !== undefined || api !== undefined) heard = `${server ?? 'unnamed'}, API ${api ?? 'unknown'}`;
}

/** The last engine of this process that answered, in its own words; for those who tell what went wrong. */
export function engineHeard(): string | undefined {
  return heard;
}
