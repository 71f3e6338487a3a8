const word = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const host = `(?:${word}(?:\\.${word})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tag = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}';
const digest = '[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,}';
const reference = new RegExp(`^(?:${host}/)?${part}(?:/${part})*(?::${tag})?(?:@${digest})?$`);

/** True for what the engine takes as the name of an image: `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`. */
export function isImageName(text: string): boolean {
  return reference.test(text);
}
