import manifest from '../../../package.json' with { type: 'json' };
import { folderOf, readLock } from '../../helpers/lock.ts';

/** A package of which something is in `dist`, as the build tells it. */
export interface Bundled {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * The bill of materials of the built program, the same for the same lock file: it has neither a time nor a number of its
 * own. Throws for a package that the lock file does not have, or has in another version.
 */
export function billOf(bundled: readonly Bundled[]) {
  const lock = readLock();
  const self = `pkg:npm/${manifest.name}@${manifest.version}`;
  const addressOf = ({ name, version }: Bundled): string => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
  const byFolder = new Map(bundled.map((one) => [one.folder, one]));
  const neededBy = (folder: string): readonly string[] => {
    const needed = Object.keys(lock[folder]?.dependencies ?? {}).flatMap((name) => {
      const found = byFolder.get(folderOf(lock, name, folder) ?? '');
      return found === undefined ? [] : [addressOf(found)];
    });
    return [...new Set(needed)].sort();
  };
  const once = new Map(bundled.map((one) => [addressOf(one), one]));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': self,
        name: manifest.name,
        version: manifest.version,
        licenses: [{ license: { id: manifest.license } }],
        purl: self,
      },
    },
    components: [...once].map(([address, { folder, name, version, license }]) => {
      const locked = lock[folder];
      if (locked?.version !== version)
        throw new Error(`${name} ${version} is bundled, but not what package-lock.json has at ${folder}.`);
      const [, hash = ''] = (locked.integrity ?? '').split('sha512-');
      return {
        type: 'library',
        'bom-ref': address,
        name,
        version,
        hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }],
        licenses: [{ license: { id: license } }],
        purl: address,
      };
    }),
    dependencies: [
      {
        ref: self,
        dependsOn: [...byFolder.values()]
          .filter(
            ({ folder, name }) =>
              folder === `node_modules/${name}` && Object.hasOwn(manifest.devDependencies, name),
          )
          .map(addressOf),
      },
      ...[...once].map(([ref, { folder }]) => ({ ref, dependsOn: neededBy(folder) })),
    ],
  };
}
