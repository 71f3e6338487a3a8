import type { Invocation } from './invocation.ts';
import { pluginMetadata } from './plugin-metadata.ts';
import { composeVersion, version, versionLine } from './version.ts';

/**
 * What can be answered without loading the program: who this is, and of which version; `undefined`: nothing. All other
 * ways to ask for the version, and all mistakes, are the program's.
 */
export function answerAtOnce({ asCompose, words, asksWhoThisIs }: Invocation): string | undefined {
  if (asksWhoThisIs === true) return `${JSON.stringify(pluginMetadata, undefined, 2)}\n`;
  const [word = '', option, ...more] = words;
  if (more.length > 0) return undefined;
  const isShort = option === '--short';
  if (word === 'version' && (isShort || option === undefined)) return versionLine(asCompose, isShort);
  if (!/^(?:-v|--version)$/.test(word) || option !== undefined) return undefined;
  return asCompose ? `Docker Compose version ${composeVersion}\n` : `${version}\n`;
}
