import type { Command } from 'commander';
import { failure } from '../model/problem.ts';
import { placeOfCommand } from './switches.ts';

/** What `alpha` was or is said before; today they are commands like any other. */
const wereAlpha = ['publish', 'scale', 'viz', 'watch'];

/** The words without `alpha`. Throws `invalid-option` for what Docker Compose has as an experiment and `stack` has not. */
export function withoutAlpha(words: readonly string[], program: Command): readonly string[] {
  const place = placeOfCommand(words, program);
  if (words[place] === 'bridge') {
    throw failure({
      code: 'invalid-option',
      message: 'stack does not turn stacks into other forms, as bridge does with images of its own',
      hint: 'docker compose bridge does',
    });
  }
  if (words[place] !== 'alpha') return words;
  const next = words.slice(place + 1).find((word) => !word.startsWith('-')) ?? '';
  const isThere = wereAlpha.includes(next) && program.commands.some((command) => command.name() === next);
  if (isThere) return words.toSpliced(place, 1);
  throw failure({
    code: 'invalid-option',
    message: `unknown command: ${['alpha', next].join(' ').trim()}`,
    hint: `alpha can stand before ${wereAlpha.slice(0, -1).join(', ')} and ${wereAlpha.at(-1)}`,
  });
}
