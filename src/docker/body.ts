/** The engine takes what is missing for "as the image says"; an empty command or entrypoint, however, clears it. */
export function withoutEmpty(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => {
      if (value === undefined || value === null) return false;
      if (key === 'Cmd' || key === 'Entrypoint') return true;
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}
