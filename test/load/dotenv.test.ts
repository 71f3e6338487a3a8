// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of stack files.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addEntries, type EnvEntry, parseDotenv, readRawEnv } from '../../src/load/variables/dotenv.ts';
import type { Problem } from '../../src/model/problem.ts';
import { shortly } from './folder.ts';

const outside: Readonly<Record<string, string>> = { OUT: 'out', SVC: 'svc' };

function parse(text: string, parser = parseDotenv) {
  const problems: Problem[] = [];
  const entries = parser(text, {
    file: '/work/.env',
    lookup: (name) => outside[name],
    report: (problem) => problems.push(problem),
  });
  const values = Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
  return { values, entries, problems, errors: problems.filter(({ severity }) => severity === 'error') };
}

/** The variables of the raw format. */
function parseRaw(text: string, { file, lookup, report }: Parameters<typeof parseDotenv>[1]) {
  const entries = new Map<string, EnvEntry>();
  addEntries(readRawEnv(text, file, report), { lookup, known: lookup, report, entries });
  return entries;
}

test('env files are read as Docker Compose 2.40.3 reads them', () => {
  for (const line of readFileSync('test/load/data/dotenv.jsonl', 'utf8').trim().split('\n')) {
    const { text, answer }: { text: string; answer: Record<string, string> | null } = JSON.parse(line);
    const { values, errors } = parse(text.replace(/^\uFEFF/, ''));
    if (answer === null) expect([text, errors.length]).not.toEqual([text, 0]);
    else expect([text, errors.length, values]).toEqual([text, 0, answer]);
  }
});

test('a bare name takes the value it has outside', () => {
  expect(parse('OUT\nNONE\nexport OUT').values).toEqual({ OUT: 'out' });
});

test('each problem has its place, and the other lines are read', () => {
  const { values, problems } = parse('A=1\nB C=2\n\n  D%=3\nE="x\ny" rest=2\nF=${\nG=$H\nI=${J?needed}\n');
  expect(values).toEqual({ A: '1', E: 'x\ny', rest: '2', G: '' });
  expect(shortly(problems)).toEqual([
    '2:1 invalid-env-file',
    '4:4 invalid-env-file',
    '7:3 invalid-interpolation',
    '8:3 unset-variable',
    '9:3 missing-variable',
  ]);
});

test('an entry remembers where it stands', () => {
  const { entries } = parse('# two\n\n  A="1\n2"\nB=3\nA=4\n');
  expect(entries.get('A')?.at).toEqual({ file: '/work/.env', line: 6, column: 1 });
  expect(entries.get('B')?.at).toEqual({ file: '/work/.env', line: 5, column: 1 });
});

test('the raw format knows no quotes, variables and comments behind values', () => {
  const { values, errors } = parse('# c\nA="x" # c\nB=$OUT\n OUT\nNONE\nC=\n', parseRaw);
  expect(values).toEqual({ A: '"x" # c', B: '$OUT', OUT: 'out', C: '' });
  expect(errors).toEqual([]);
  expect(shortly(parse('A B=1\n=2', parseRaw).problems)).toEqual([
    '1:1 invalid-env-file',
    '2:1 invalid-env-file',
  ]);
});
