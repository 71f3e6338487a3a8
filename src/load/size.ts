const powers = ['', 'k', 'm', 'g', 't', 'p'];

/** Reads a size such as `64m`, `1.5g` or `10KiB` (all units are 1024 based); bytes, `undefined` if it is none. */
export function readSize(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?([bkmgtp]?)(i?b)?$/i.exec(text);
  if (match === null) return undefined;
  const [, number = '', unit = '', rest = ''] = match;
  const letter = unit.toLowerCase();
  // `ib` alone and `bb` are no units.
  if (rest !== '' && (letter === '' || letter === 'b') && !(letter === '' && rest.toLowerCase() === 'b'))
    return undefined;
  const power = letter === 'b' ? 0 : powers.indexOf(letter);
  return Math.trunc(Number(number) * 1024 ** power);
}
