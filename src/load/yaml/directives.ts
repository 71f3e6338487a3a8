import { malformed } from './properties.ts';

/** What the prefixes of tags stand for. */
export type Handles = ReadonlyMap<string, string>;

const standard: Handles = new Map([['!!', 'tag:yaml.org,2002:']]);

/** The lines that begin with `%`, which say what the tags of the documents below them mean. */
export class Directives {
  #handles: Handles = standard;
  #version = '1.2';
  #isOld = false;

  /** Throws `Malformed` if a line says nothing that is known. Unknown ones are none of ours. */
  add(line: string): void {
    // By YAML 1.1 they hold for all documents below, until others follow.
    if (this.#isOld) {
      this.#version = '1.1';
      this.#handles = standard;
      this.#isOld = false;
    }
    const [name, ...words] = line.trim().split(/[ \t]+/);
    const [first = '', second = ''] = words;
    if (name === '%TAG') {
      if (words.length !== 2) malformed();
      this.#handles = new Map(this.#handles).set(first, second);
    } else if (name === '%YAML') {
      if (words.length !== 1 || !/^\d+\.\d+$/.test(first)) malformed();
      if (first === '1.1' || first === '1.2') this.#version = first;
    }
  }

  /** The prefixes of the next document. */
  forDocument(): Handles {
    const handles = this.#handles;
    if (this.#version === '1.1') this.#isOld = true;
    else this.#handles = standard;
    return handles;
  }
}

/** The whole name of a tag. Throws `Malformed` if it is none. */
export function tagName(source: string, handles: Handles): string {
  if (source === '!') return source;
  if (source.startsWith('!<')) {
    const verbatim = source.slice(2, -1);
    if (verbatim === '!' || verbatim === '!!' || !source.endsWith('>')) malformed();
    return verbatim;
  }
  const end = source.lastIndexOf('!') + 1;
  const [handle, suffix] = [source.slice(0, end), source.slice(end)];
  if (suffix === '') malformed();
  const prefix = handles.get(handle);
  if (prefix === undefined || prefix === '') return handle === '!' ? source : malformed();
  try {
    return prefix + decodeURIComponent(suffix);
  } catch {
    return malformed();
  }
}
