import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Files that are read as soon as a file is, without those it asks for later. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imports = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^'"();]*?\sfrom\s+)?'([^']+)';/gms);
  for (const [, from = ''] of imports) {
    if (from.startsWith('.')) loadedWith(path.join(path.dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

test('whoever writes plain lines or JSON does without Ink', () => {
  for (const entry of [
    'src/cli/main.ts',
    'src/cli/screen.ts',
    'src/cli/run-up.ts',
    'src/cli/run-logs.ts',
    'src/cli/run-watch.ts',
    'src/index.ts',
  ]) {
    const loaded = loadedWith(entry);
    expect([...loaded].filter((name) => name === 'ink' || name === 'react')).toEqual([]);
    expect(loaded.size).toBeGreaterThan(3);
  }
});

test('the screens are found to need it', () => {
  expect(loadedWith('src/terminal/start.tsx')).toContain('ink');
});
