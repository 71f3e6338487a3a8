/**
 * A name for a text, by which it is known again. To load what makes a real digest takes longer than all that is done with it, and
 * nobody chooses these texts to be alike.
 */
export function shortName(text: string): string {
  // Four bytes at a time: a loop that runs once is slow.
  const fours = new Int32Array(Math.ceil(Buffer.byteLength(text) / 4));
  Buffer.from(fours.buffer).write(text);
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  for (let at = 0; at < fours.length; at++) {
    const four = fours[at] as number;
    one = Math.imul(one ^ four, 0x01000193);
    other = Math.imul((other ^ four) + (one >>> 15), 0x85ebca6b);
  }
  return [one ^ (one >>> 16), other ^ (other >>> 16)]
    .map((part) => (part >>> 0).toString(16).padStart(8, '0'))
    .join('');
}
