const unit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  // Of what stands under `x-stack`, which stays as it is written.
  μs: 1e3,
  d: 86_400e9,
  w: 604_800e9,
};

/** A duration as the stack's normal form spells it (`1m30s`, `500ms`) in nanoseconds, the engine's unit. */
export function nanoseconds(text: string): number {
  let total = 0;
  for (const [, amount, name] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (unit[name ?? ''] ?? 0);
  }
  return Math.round(total);
}
