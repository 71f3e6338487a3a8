import { expect, test } from 'vitest';
import { socketsOf } from '../../src/docker/tcp.ts';

/** A line of the kernel's table: port 8080 with a client, in a state. */
const line = (state: string, port = '1F90'): string =>
  `   1: 050011AC:${port} 060011AC:D431 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1`;

test('a connection counts from its first packet until what was sent last has arrived', () => {
  const listening =
    '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1';
  const connected = (...lines: readonly string[]) => socketsOf([listening, ...lines]).connected;
  expect(socketsOf([listening]).listening).toEqual(new Set([8080]));
  expect(connected(line('01'), line('03'))).toBe(2);
  expect(connected(line('04'), line('08'), line('09'), line('0B'))).toBe(4);
  // Nothing is to come any more: the other side closes when it likes, or the kernel only remembers.
  expect(connected(line('05'), line('06'))).toBe(0);
  expect(connected(line('01', '0050'))).toBe(0);
});
