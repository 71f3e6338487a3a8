import os from 'node:os';
import type { NetworkAddress } from '../model/runtime.ts';

/** The addresses at which others can reach this machine: one for each of its networks, without those of engines. */
export function networkAddresses(): readonly NetworkAddress[] {
  return Object.entries(interfaces()).flatMap(([name, addresses = []]) => {
    if (ofEngines.test(name)) return [];
    const outer = addresses.filter(({ internal, address }) => !internal && !linkLocal.test(address));
    const best = outer.find(({ family }) => family === 'IPv4') ?? outer[0];
    return best === undefined ? [] : [{ name, address: best.address }];
  });
}

/** Some systems let nobody ask. */
function interfaces(): ReturnType<typeof os.networkInterfaces> {
  try {
    return os.networkInterfaces();
  } catch {
    return {};
  }
}

const ofEngines = /^(?:docker|br-|veth|podman|cni|virbr|lxc|lxd|vmnet|vboxnet|bridge\d)/;

/** Of a network that gives no addresses out, or of IPv6 within one cable. */
const linkLocal = /^(?:169\.254\.|fe[89ab])/i;
