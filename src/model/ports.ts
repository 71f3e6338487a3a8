/** Ports by which databases and the like are reached; a browser cannot talk to them. */
const notForBrowsers = new Set([
  21, 22, 25, 53, 389, 465, 587, 636, 1025, 1433, 1521, 1883, 2181, 2379, 3306, 4222, 5432, 5433, 5671, 5672,
  6379, 6380, 7687, 8883, 9042, 9092, 9094, 11211, 26257, 27017, 50051,
]);
const encrypted = new Set([443, 8443]);

/** How a browser would speak to what listens on this port of a container; undefined: it would not. */
export function browserScheme(containerPort: number): 'http' | 'https' | undefined {
  if (notForBrowsers.has(containerPort)) return undefined;
  return encrypted.has(containerPort) ? 'https' : 'http';
}

/** Whether what is published on this address of a machine is on all that it has. */
export function isEveryAddress(hostIp: string): boolean {
  return ['', '0.0.0.0', '::', '[::]'].includes(hostIp);
}

/** An address of a machine as it stands before the port; `here` stands for all that the machine has. */
export function hostOf(hostIp: string, here: 'localhost' | '127.0.0.1'): string {
  if (isEveryAddress(hostIp)) return here;
  return hostIp.includes(':') && !hostIp.startsWith('[') ? `[${hostIp}]` : hostIp;
}
