/**
 * The line on which the instruction of a step begins, counted from 1; undefined unless exactly one can be meant. Builders
 * tell a step by its instruction, with what it went over several lines for on one: `[builder 2/5] RUN npm ci && npm test`.
 */
export function lineOfStep(dockerfile: string, step: string): number | undefined {
  const wanted = oneLine(step.replace(/^\[[^\]]*\] /, ''));
  const found = instructionsOf(dockerfile).filter(({ text }) => oneLine(text) === wanted);
  return found.length === 1 ? found[0]?.line : undefined;
}

interface Instruction {
  /** From 1 on. */
  readonly line: number;
  readonly text: string;
}

/** The instructions, each with all the lines it goes on over but for comments. What stands in here-documents is passed over. */
function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const goingOn = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 5).join('\n')) ? '`' : '\\';
  const found: Instruction[] = [];
  let begun: { readonly line: number; text: string } | undefined;
  let documents: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [document] = documents;
    if (document !== undefined) {
      if (line.replace(/^\t+/, '') === document) documents = documents.slice(1);
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    const goesOn = line.trimEnd().endsWith(goingOn);
    const text = goesOn ? line.trimEnd().slice(0, -1) : line;
    begun = begun === undefined ? { line: index + 1, text } : { ...begun, text: `${begun.text} ${text}` };
    if (goesOn) continue;
    found.push(begun);
    documents = [...begun.text.matchAll(/<<-?\s*(["']?)([A-Za-z_]\w*)\1/g)].map(([, , name = '']) => name);
    begun = undefined;
  }
  return begun === undefined ? found : [...found, begun];
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
