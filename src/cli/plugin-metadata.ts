import { composeVersion } from './version.ts';

/** What the docker CLI asks every plugin for, before it offers or calls it. */
export const pluginMetadata = {
  SchemaVersion: '0.1.0',
  Vendor: 'stack',
  Version: composeVersion,
  ShortDescription: 'Docker Compose (by stack)',
};
