const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** Reads a duration such as `1h30m` or `1.5s`, with `d` and `w` besides Go's units; nanoseconds, `undefined` if it is none. */
export function readDuration(text: string): bigint | undefined {
  const match = /^([-+]?)(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, sign = '', rest = ''] = match;
  if (rest === '0') return 0n;
  let total = 0n;
  let read = 0;
  for (const part of rest.matchAll(/([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)/gy)) {
    const [all, number = '', unit = ''] = part;
    const [whole = '', fraction = ''] = number.split('.');
    const size = nanoseconds[unit] ?? 0n;
    total += BigInt(whole || '0') * size;
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    read += all.length;
  }
  if (read !== rest.length || total >= 2n ** 63n) return undefined;
  return sign === '-' ? -total : total;
}

/** A duration in Go's text form, which is also the engine's: `1m30s`, `500ms`, `0s`. */
export function printDuration(duration: bigint): string {
  const sign = duration < 0n ? '-' : '';
  const size = duration < 0n ? -duration : duration;
  if (size === 0n) return '0s';
  if (size < 1_000_000_000n) {
    const unit = size < 1_000n ? 'ns' : size < 1_000_000n ? 'µs' : 'ms';
    return `${sign}${decimal(size, nanoseconds[unit] ?? 1n)}${unit}`;
  }
  const hours = size / 3_600_000_000_000n;
  const minutes = (size / 60_000_000_000n) % 60n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .slice(0, digits)
    .replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
