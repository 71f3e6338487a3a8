/**
 * `npm run sbom`: what the built program is made of, as CycloneDX 1.6 on stdout. It names the packages of which something is
 * bundled, which no tool can see from the outside, with the hashes of package-lock.json.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { main } from './main.ts';
import { type Bundled, billOf } from './sbom/bill.ts';

const repository = path.resolve(import.meta.dirname, '../..');

await main(async () => {
  const bundled: readonly Bundled[] = JSON.parse(
    readFileSync(path.join(repository, 'dist/bundled.json'), 'utf8'),
  );
  process.stdout.write(`${JSON.stringify(billOf(bundled), undefined, 2)}\n`);
  return 0;
});
