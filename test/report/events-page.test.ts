import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonReporter } from '../../src/report/json.ts';
import { misfits, readEventsPage } from '../helpers/events-page.ts';
import { recordings } from './recording.ts';

const page = readEventsPage();

/** The source without its comments. */
const source = ['event', 'problem', 'observed', 'plan']
  .map((name) => readFileSync(`src/model/${name}.ts`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
  .join('\n');

interface Declared {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}

function declared(shape: string): readonly Declared[] {
  const body = new RegExp(`^export interface ${shape} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1];
  if (body === undefined) throw new Error(`${shape} is not declared as an interface`);
  return [...body.matchAll(/^ {2}readonly (\w+)(\??): ([^;]+);/gm)].map(([, name = '', mark, type = '']) => ({
    name,
    optional: mark === '?',
    type: type.replace(/^readonly /, ''),
  }));
}

/** The words that a type allows, if it allows only some. */
function wordsOf(type: string): readonly string[] {
  return type.split(/\s*\|\s*/).flatMap((one): readonly string[] => {
    if (one === "Action['kind']")
      return [...source.matchAll(/^ {2}readonly kind: '([\w-]+)'/gm)].map(([, kind = '']) => kind);
    const literal = /^'(.*)'$/.exec(one)?.[1];
    if (literal !== undefined) return [literal];
    // New causes come with every feature.
    if (one === 'ProblemCode') return [];
    const alias = new RegExp(`^export type ${one.replace('[]', '')} =([^;]+);`, 'm').exec(source)?.[1];
    return alias?.includes("'") ? wordsOf(alias.trim().replace(/^\|\s*/, '')) : [];
  });
}

/** The type as the page writes it. */
function written(type: string): string {
  const [, base = type, list = ''] = /^(\w+)(\[\])$/.exec(type) ?? [];
  const plain = /^(string|number|boolean|true)$/.test(base) || isInterface(base) ? base : 'string';
  return `${plain}${list}`;
}

function isInterface(name: string): boolean {
  return /^\w+$/.test(name) && new RegExp(`^export interface ${name} `, 'm').test(source);
}

/** All shapes of events and of what is within them, with the name that the page has for each. */
function shapes(): ReadonlyMap<string, string> {
  const union = /^export type EventBody =([^;]+);/m.exec(source)?.[1] ?? '';
  const waiting = [...union.matchAll(/\w+/g)].map(([name]) => name);
  const found = new Map<string, string>();
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (found.has(name)) continue;
    const fields = declared(name);
    const type = fields.find((field) => field.name === 'type')?.type;
    found.set(name, type?.replaceAll("'", '') ?? name);
    waiting.push(...fields.map((field) => field.type.replace('[]', '')).filter(isInterface));
  }
  return found;
}

test('the test reads the types that it compares', () => {
  const all = shapes();
  expect(all.size).toBeGreaterThan(28);
  expect(all.get('BuildPart')).toBe('BuildPart');
  expect(all.get('HealthProbed')).toBe('health-probed');
  expect(declared('HealthProbed').map(({ name }) => name)).toContain('said');
  expect(wordsOf("ContainerState | 'gone'")).toContain('paused');
});

test('the page of events has every event, every field and every word', () => {
  const all = shapes();
  expect([...page.fields.keys()].sort()).toEqual([...all.values()].sort());
  for (const [shape, name] of all) {
    const fields = declared(shape).filter((field) => field.name !== 'type');
    const told = page.fields.get(name) ?? [];
    expect(
      told.map(({ meaning: _, ...field }) => field),
      name,
    ).toEqual(fields.map(({ type, ...field }) => ({ ...field, type: written(type) })));
    for (const field of fields) {
      const { meaning = '' } = told.find((other) => other.name === field.name) ?? {};
      for (const word of wordsOf(field.type))
        expect(meaning, `${name}.${field.name}`).toContain(`\`${word}\``);
    }
  }
});

test('the page has an example of every event, which is as the page says', () => {
  const events = [...page.fields.keys()].filter((name) => /^[a-z]/.test(name));
  expect([...page.examples.keys()]).toEqual(events);
  for (const [name, line] of page.examples) {
    expect(JSON.parse(line).type).toBe(name);
    expect(misfits(line, page), line).toEqual([]);
  }
});

test('recorded events are as the page says, and others would be found', () => {
  const lines: string[] = [];
  for (const event of Object.values(recordings).flat()) jsonReporter((text) => lines.push(text))(event);
  expect(lines.flatMap((line) => misfits(line, page))).toEqual([]);
  const line = (more: object) =>
    misfits(JSON.stringify({ v: 1, ts: '2026-11-21T12:04:11.000Z', type: 'step-failed', ...more }), page);
  const problem = {
    code: 'x',
    severity: 'error',
    message: 'm',
    location: { file: 'f', line: '1', column: 1 },
  };
  expect(line({ id: 'a', milliseconds: 1, problem, more: 1 })).toEqual([
    'step-failed.more is not on the page',
    'step-failed.problem.location.line is no number',
  ]);
  expect(line({ id: 'a', problem: { code: 'x', severity: 'error' } })).toEqual([
    'step-failed.milliseconds is missing',
    'step-failed.problem.message is missing',
  ]);
  expect(line({ type: 'no-such-event' })).toEqual(['no-such-event: the page does not know no-such-event']);
});
