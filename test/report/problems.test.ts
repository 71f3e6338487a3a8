import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { formatProblems } from '../../src/report/problems.ts';

const directory = '/home/ada/shop';

const unknownKey: Problem = {
  code: 'unknown-key',
  severity: 'error',
  message: 'unknown key `enviroment` in services.web',
  location: { file: `${directory}/stack.yaml`, line: 12, column: 5 },
  sourceLine: '    enviroment:',
  hint: 'did you mean `environment`?',
};

function format(...problems: readonly Problem[]): string {
  return formatProblems(problems, { colour: false, directory });
}

test('a problem with a place', () => {
  expect(format(unknownKey)).toBe(`\
stack.yaml:12:5 error: unknown key \`enviroment\` in services.web
  12 |     enviroment:
     |     ^^^^^^^^^^
  hint: did you mean \`environment\`?
`);
});

test('several problems, with related places and elsewhere', () => {
  const conflict: Problem = {
    code: 'conflicting-keys',
    severity: 'warning',
    message: 'services.db sets both `network_mode` and `networks`',
    location: { file: '/etc/base.yaml', line: 3, column: 1 },
    related: [
      {
        message: 'the networks are here',
        location: { file: `${directory}/db/stack.yaml`, line: 9, column: 3 },
      },
    ],
  };
  expect(format(unknownKey, conflict)).toBe(`\
stack.yaml:12:5 error: unknown key \`enviroment\` in services.web
  12 |     enviroment:
     |     ^^^^^^^^^^
  hint: did you mean \`environment\`?

/etc/base.yaml:3:1 warning: services.db sets both \`network_mode\` and \`networks\`
  see: db/stack.yaml:9:3 the networks are here

1 error, 1 warning
`);
});

test('a problem without a place, with what the engine said', () => {
  const lines = Array.from({ length: 23 }, (_, line) => `\u001B[31mline ${line + 1}\u001B[0m\u001B[2J`);
  const text = format({
    code: 'build-failed',
    severity: 'error',
    message: 'no',
    hint: 'one\ntwo',
    cause: `${lines.join('\n')}\n`,
  });
  expect(text).toBe(`\
error: no
  hint: one
        two
    … 3 lines before
${Array.from({ length: 20 }, (_, line) => `    line ${line + 4}`).join('\n')}
`);
});

test('a long line is shown around the place', () => {
  const sourceLine = `command: ${'a '.repeat(200)}\${MISSING?} ${'b '.repeat(200)}`;
  const column = sourceLine.indexOf('MISSING') + 1;
  const location = { file: `${directory}/stack.yaml`, line: 7, column };
  const text = formatProblems(
    [{ code: 'missing-variable', severity: 'error', message: 'MISSING is not set', location, sourceLine }],
    { colour: false, directory, width: 60 },
  );
  const [, source = '', caret = ''] = text.split('\n');
  expect(source.length).toBeLessThanOrEqual(60);
  expect(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('MISSING');
});

test('tabs do not move the caret, places beyond the line are tolerated', () => {
  const at = (column: number): Problem => ({
    ...unknownKey,
    sourceLine: '\tx: 1',
    location: { file: 'a', line: 1, column },
  });
  expect(format(at(2)).split('\n').slice(1, 3)).toEqual(['  1 |  x: 1', '    |  ^']);
  expect(format(at(99)).split('\n')[2]).toBe('    |      ^');
});

test('colours are codes around the same words', () => {
  const coloured = formatProblems([unknownKey], { colour: true, directory });
  expect(coloured).toContain('\u001B[31merror');
  expect(stripVTControlCharacters(coloured)).toBe(format(unknownKey));
});

test('nothing to say about no problems', () => {
  expect(format()).toBe('');
});
