import { expect, test } from 'vitest';
import { expectedOf } from '../../src/docker/meter.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, peer: string, state: string): string =>
  `   0: ${local} ${peer} ${state} 00000000:00000000 00:00000000 00000000     0        0 22407459 1\n`;
const nobody = '00000000:0000';
const web = '0500A8C0:1F90';
const zeros = '0'.repeat(32);

test.each([
  ['no socket', '', '', 'nothing'],
  ['a server', row('00000000:1F90', nobody, '0A'), '', 'nothing'],
  ['who has not been answered yet', row('0200A8C0:9C40', web, '02'), '', 'answer'],
  ['one of several', row('0200A8C0:9C40', web, '01') + row('0200A8C0:9C41', web, '02'), '', 'answer'],
  ['who is connected', row('0200A8C0:9C40', web, '01'), '', 'next-words'],
  ['who was connected', row('0200A8C0:9C40', web, '06'), '', 'nothing'],
  ['who looks up a name', '', row('0100007F:9C40', '0B00007F:0035', '01'), 'answer'],
  ['who may do so without connecting', '', row('00000000:9C40', nobody, '07'), 'next-words'],
  ['the same over IPv6', '', row(`${zeros}:9C40`, `${zeros}:0000`, '07'), 'next-words'],
  ['a server of names', '', row('00000000:0035', nobody, '07'), 'nothing'],
  ["the engine's server of names", '', row('0B00007F:9C40', nobody, '07'), 'nothing'],
])('%s', (_, tcp, udp, expected) => {
  expect(expectedOf(`${head}${tcp}`.split('\n'), `${head}${udp}`.split('\n'))).toBe(expected);
});
