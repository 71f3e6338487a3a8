import net from 'node:net';

/**
 * Whether a TCP connection comes about. `keptFor`: how long it has to stay open for that, in milliseconds, where something
 * on the way accepts each and closes those at once behind which nobody listens; 0: nothing does.
 */
export function connects(
  { host, port }: { readonly host: string; readonly port: number },
  keptFor: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, signal });
    let kept: NodeJS.Timeout | undefined;
    const end = (listens: boolean): void => {
      clearTimeout(kept);
      socket.destroy();
      resolve(listens);
    };
    socket.on('connect', () => {
      if (keptFor === 0) end(true);
      // A close that has come while this process was kept from reading counts.
      else kept = setTimeout(() => setImmediate(end, true), keptFor);
    });
    socket.on('data', () => end(true));
    socket.on('end', () => end(false));
    socket.on('error', () => end(false));
  });
}
