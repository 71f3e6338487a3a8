import { readlinkSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { processes } from './daemon.ts';
import { labId, runtime } from './places.ts';
import { run } from './shell.ts';

/** What the private engine's containers are connected by; all of it is ours and goes when the engine does. */
export interface LabNetwork {
  readonly bridge: string;
  /** The first two numbers of every address that the engine gives out by itself, such as `10.201`. */
  readonly prefix: string;
  /**
   * Whether the engine writes its own packet filter rules. Only one engine of a network namespace can: each would
   * throw out the other's. Beside another engine it has a few plain rules of ours instead.
   */
  readonly ownRules: boolean;
  /** The PATH on which iptables is. */
  readonly path: string;
}

const bridge = `stack-${labId}`;
const stateFile = join(runtime, 'network.json');

/** Makes the bridge, in an address range that this machine does not use, and lets its packets through. */
export async function createNetwork(path: string): Promise<LabNetwork> {
  const network = { bridge, prefix: await unusedPrefix(), ownRules: !anotherEngineIsHere(), path };
  await writeFile(stateFile, JSON.stringify(network));
  await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await run('ip', ['address', 'add', `${network.prefix}.0.1/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  // An engine that finds forwarding off turns it on and drops what it does not know, for the whole machine.
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  if (!network.ownRules) {
    for (const rule of plainRules(network.prefix))
      await run('iptables', ['-w', ...rule], { env: { PATH: path } });
  }
  return network;
}

/**
 * Takes away what createNetwork and then the engine made, given the bridges of the engine's networks as far as they
 * are known. Also right after a crash, and does nothing if there is nothing.
 */
export async function removeNetwork(bridges: readonly string[]): Promise<void> {
  const state = await readFile(stateFile, 'utf8').catch(() => undefined);
  if (state === undefined) return;
  const { prefix, ownRules, path } = JSON.parse(state) as LabNetwork;
  const all = new Set([bridge, ...bridges, ...(await interfacesWithin(prefix))]);
  const engineRules = ownRules && !anotherEngineIsHere();
  const isOurs = (rule: string) =>
    rule.includes(` --comment ${bridge} `) ||
    [...all].some((name) => `${rule} `.includes(` ${name} `)) ||
    (ownRules && rule.includes(` ${prefix}.`) && / br-[0-9a-f]{12} | MASQUERADE$/.test(rule)) ||
    (engineRules && / -[jg] DOCKER/.test(rule));
  for (const program of ['iptables', 'ip6tables']) await removeRules(program, isOurs, engineRules, path);
  for (const name of all) await run('ip', ['link', 'delete', name]).catch(() => undefined);
  await rm(stateFile);
}

/** The interfaces that have an address in our range: bridges of the engine's networks, none but ours are in it. */
async function interfacesWithin(prefix: string): Promise<string[]> {
  const lines = (await run('ip', ['-4', '-oneline', 'address'])).split('\n');
  return lines
    .filter((line) => line.includes(` inet ${prefix}.`))
    .flatMap((line) => line.split(/\s+/)[1] ?? []);
}

/** Out through the machine's own address, and in either direction between this engine's networks. */
function plainRules(prefix: string): string[][] {
  const own = `${prefix}.0.0/16`;
  const comment = ['-m', 'comment', '--comment', bridge];
  return [
    ['-t', 'nat', '-I', 'POSTROUTING', '-s', own, '!', '-d', own, ...comment, '-j', 'MASQUERADE'],
    ['-I', 'FORWARD', '-s', own, ...comment, '-j', 'ACCEPT'],
    ['-I', 'FORWARD', '-d', own, ...comment, '-j', 'ACCEPT'],
    // Within a network of another address range, which the other engine's policy would drop.
    ['-I', 'FORWARD', '-m', 'physdev', '--physdev-is-bridged', ...comment, '-j', 'ACCEPT'],
  ];
}

async function removeRules(
  program: string,
  isOurs: (rule: string) => boolean,
  engineChains: boolean,
  path: string,
): Promise<void> {
  for (const table of ['raw', 'nat', 'filter']) {
    const tables = (...args: string[]) => run(program, ['-w', '-t', table, ...args], { env: { PATH: path } });
    const lines = (await tables('-S').catch(() => '')).split('\n');
    for (const rule of lines)
      if (rule.startsWith('-A ') && isOurs(rule)) await tables('-D', ...rule.split(' ').slice(1));
    if (!engineChains) continue;
    const chains = lines.flatMap((line) => /^-N (DOCKER\S*)/.exec(line)?.[1] ?? []);
    for (const chain of chains) await tables('-F', chain);
    for (const chain of chains) await tables('-X', chain);
  }
}

function anotherEngineIsHere(): boolean {
  const mine = readlinkSync('/proc/self/ns/net');
  return processes().some(({ pid, args }) => {
    if (basename(args[0] ?? '') !== 'dockerd' || args.some((arg) => arg.startsWith(`${runtime}/`)))
      return false;
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === mine;
    } catch {
      return false;
    }
  });
}

/** Every lab begins its search elsewhere and so mostly keeps its range, which networks of earlier runs are in. */
async function unusedPrefix(): Promise<string> {
  const used = `${await run('ip', ['-4', 'route'])}${await run('ip', ['-4', '-oneline', 'address'])}`;
  const ranges = [...used.matchAll(/(\d+)\.(\d+)\.\d+\.\d+(?:\/(\d+))?/g)].map(
    ([, first, second, length = '32']) => {
      const size = Number(length) < 16 ? 2 ** (16 - Number(length)) : 1;
      const number = Number(first) * 256 + Number(second);
      return { start: number - (number % size), size };
    },
  );
  const ten = Array.from(
    { length: 256 },
    (_, index) => [10, (Number.parseInt(labId, 16) + index) % 256] as const,
  );
  const oneSevenTwo = Array.from({ length: 16 }, (_, index) => [172, 16 + index] as const);
  for (const [first, second] of [...ten, ...oneSevenTwo]) {
    const wanted = first * 256 + second;
    if (ranges.every(({ start, size }) => wanted < start || wanted >= start + size))
      return `${first}.${second}`;
  }
  throw new Error('Every private address range is in use on this machine.');
}
