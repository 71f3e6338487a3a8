const powers = ['', 'k', 'm', 'g', 't', 'p'];

/** Reads a size such as `64m`, `1.5g` or `10KiB` (all units are 1024 based); bytes, `undefined` if it is none. */
export function readSize(text: string): number | undefined {
  // "No limit", as it is printed; Docker Compose takes this text since version 5.
  if (text === '-1') return -1;
  const match = /^(\+?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?|-0) ?([bkmgtp]?)(i?b)?$/i.exec(
    text,
  );
  if (match === null) return undefined;
  const [, number = '', unit = '', rest = ''] = match;
  const letter = unit.toLowerCase();
  // `ib` alone and `bb` are no units.
  if (rest !== '' && (letter === '' || letter === 'b') && !(letter === '' && rest.toLowerCase() === 'b'))
    return undefined;
  const power = letter === 'b' ? 0 : powers.indexOf(letter);
  const bytes = Math.trunc(Number(number.replaceAll('_', '')) * 1024 ** power) + 0;
  return Number.isFinite(bytes) ? bytes : undefined;
}
