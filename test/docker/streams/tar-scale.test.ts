import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { createTarScale } from '../../../src/docker/streams/tar-scale.ts';

test('what files and links say is weighed, however the tar comes to pieces', async () => {
  const archive = pack();
  const long = `all/${'deep/'.repeat(60)}file`;
  archive.entry({ name: 'all/', type: 'directory' });
  archive.entry({ name: 'all/nothing' }, '');
  archive.entry({ name: 'all/file' }, 'x'.repeat(512));
  archive.entry({ name: 'all/hard', type: 'link', linkname: 'all/file' });
  archive.entry({ name: 'all/link', type: 'symlink', linkname: 'file' });
  archive.entry({ name: 'all/far', type: 'symlink', linkname: long });
  archive.entry({ name: long, pax: { comment: '12 size=9\n' } }, 'seven..');
  archive.finalize();
  const tar = await buffer(archive);
  for (const size of [1, 100, 511, 512, 513, tar.length]) {
    const scale = createTarScale();
    for (let at = 0; at < tar.length; at += size) scale.add(tar.subarray(at, at + size));
    expect([scale.entries(), scale.content()]).toEqual([7, 512 + 4 + long.length + 7]);
  }
});

test('the size of a file of many gigabytes is not in its head', () => {
  const head = (fields: Readonly<Record<number, string>>): Buffer => {
    const block = Buffer.alloc(512);
    for (const [at, text] of Object.entries(fields)) block.write(text, Number(at), 'latin1');
    return block;
  };
  const said = Buffer.alloc(512);
  said.write('20 size=17179869184\n');
  const scale = createTarScale();
  scale.add(head({ 0: 'x', 124: '00000000024\0', 156: 'x' }));
  scale.add(said);
  scale.add(head({ 0: 'big', 156: '0' }));
  const bytes = head({ 0: 'bigger', 156: '0' });
  bytes[124] = 0x80;
  bytes.writeBigUInt64BE(17_179_869_184n, 128);
  // Of what is passed over only the length counts.
  const zeros = Buffer.alloc(1 << 24);
  for (let left = 17_179_869_184; left > 0; left -= zeros.length) scale.add(zeros);
  scale.add(bytes);
  expect([scale.entries(), scale.content()]).toEqual([2, 2 * 17_179_869_184]);
});
