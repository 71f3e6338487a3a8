/** A range of IPv4 addresses: the first, and how many bits all of them share. */
interface Range {
  readonly first: number;
  readonly bits: number;
}

/** Whether two subnets in the form `10.0.0.0/8` have addresses in common; those of IPv6 are not compared. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [readSubnet(one), readSubnet(other)];
  return a !== undefined && b !== undefined && rangesOverlap(a, b);
}

/** How many subnets a pool still has that overlap none of those given; no more than `enough` are counted. */
export function countFree(
  { base, size }: { readonly base: string; readonly size: number },
  used: readonly string[],
  enough: number,
): number {
  const pool = readSubnet(base);
  if (pool === undefined || size < pool.bits) return 0;
  const taken = used.flatMap((subnet) => readSubnet(subnet) ?? []);
  const step = 2 ** (32 - size);
  let free = 0;
  for (let index = 0; index < 2 ** (size - pool.bits) && free < enough; index++) {
    const candidate = { first: pool.first + index * step, bits: size };
    if (!taken.some((range) => rangesOverlap(candidate, range))) free++;
  }
  return free;
}

function rangesOverlap(one: Range, other: Range): boolean {
  const size = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.first / size) === Math.floor(other.first / size);
}

function readSubnet(text: string): Range | undefined {
  const [, address = '', bits = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => part > 255) || Number(bits) > 32) return undefined;
  return { first: parts.reduce((sum, part) => sum * 256 + part, 0), bits: Number(bits) };
}
