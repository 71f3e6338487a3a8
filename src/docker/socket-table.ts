/** A row of the tables in which the kernel tells the sockets of a network. */
export interface Socket {
  /** As it stands there: a number in the order of the processor. */
  readonly address: string;
  readonly port: number;
  /** Where it is connected to; 0: nowhere. */
  readonly peerPort: number;
  readonly state: string | undefined;
}

export const socketState = {
  established: '01',
  synSent: '02',
  listening: '0A',
  /** What a UDP socket is that takes packets from anybody. */
  unconnected: '07',
} as const;

/** From here on systems choose ports themselves, for what nobody outside knows. */
export const firstChosenPort = 32_768;

/** Lines of `/proc/net/tcp`, `tcp6`, `udp` and `udp6`: `0: 00000000:1F90 00000000:0000 0A …`. */
export function readSocketTable(lines: readonly string[]): readonly Socket[] {
  return lines.flatMap((line) => {
    const [, local = '', peer = '', state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (!/^[0-9A-F]+$/.test(port)) return [];
    return [
      {
        address,
        port: Number.parseInt(port, 16),
        peerPort: Number.parseInt(peer.split(':')[1] ?? '0', 16),
        state,
      },
    ];
  });
}
