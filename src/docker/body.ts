/** What is not the same empty as missing: an empty command clears the image's, empty paths clear the engine's. */
const clearing: ReadonlySet<string> = new Set(['Cmd', 'Entrypoint', 'MaskedPaths', 'ReadonlyPaths']);

/** The engine takes what is missing for "as the image says", or for its own choice. */
export function withoutEmpty(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => {
      if (value === undefined || value === null) return false;
      if (clearing.has(key)) return true;
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}
