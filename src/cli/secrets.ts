import { plural } from '../report/words.ts';

export interface SecretOptions {
  readonly showSecrets?: true;
  /** The file that is written to. */
  readonly output?: string;
}

/** Someone may look over the shoulder; what goes into a file or another program is to be complete. */
export function hidesSecrets({ showSecrets, output = '' }: SecretOptions): boolean {
  return showSecrets !== true && output === '' && process.stdout.isTTY === true;
}

/** Says how values can be seen that are masked. */
export function tellMasked(count: number): void {
  if (count === 0) return;
  const are = count === 1 ? 'is' : 'are';
  process.stderr.write(
    `${plural(count, 'value')} ${are} masked; to see ${count === 1 ? 'it' : 'them'}: --show-secrets\n`,
  );
}
