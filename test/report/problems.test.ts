import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { formatProblems } from '../../src/report/problems.ts';
import { widthOf } from '../../src/report/width.ts';

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

/** What the caret line points at in the line above it, by columns of the screen. */
function pointedAt(sourceLine: string, place: string, width = 100): string {
  const location = { file: 'a', line: 1, column: sourceLine.indexOf(place) + 1 };
  const problem: Problem = { ...unknownKey, sourceLine, location };
  const [, line = '', caret = ''] = formatProblems([problem], { colour: false, directory, width }).split(
    '\n',
  );
  expect(widthOf(line)).toBeLessThanOrEqual(width);
  const [from, to] = [caret.indexOf('^'), caret.lastIndexOf('^') + 1];
  let column = 0;
  return [...line]
    .filter((character) => {
      const at = column;
      column += widthOf(character);
      return at >= from && at < to;
    })
    .join('');
}

test.each([
  ['wide characters before it', '店名前: value', 'value', 'value'],
  ['wide characters', 'a: データベース', 'データベース', 'データベース'],
  ['letters beyond ASCII', 'a: größe b', 'größe', 'größe'],
  ['a quoted value', 'a: "b c" d', '"b c"', '"b c"'],
  ['a value in single quotes', "a: 'it''s' d", "'it", "'it''s'"],
  ['a variable', 'a: ${P:-${Q}}x', '${P', '${P:-${Q}}'],
  ['controls before it', 'a\u0007\u001B[31m\u202E: value', 'value', 'value'],
  ['characters of two units before it', '🚀🚀: value', 'value', 'value'],
  ['one of two units', 'a: 🚀 b', '🚀', '🚀'],
])('the caret is below %s', (_, line, place, expected) => {
  expect(pointedAt(line, place)).toBe(expected);
});

test('a long line of wide characters is cut by what they take on the screen', () => {
  expect(pointedAt(`${'店'.repeat(300)} value ${'店'.repeat(300)}`, 'value', 60)).toBe('value');
  expect(pointedAt(`a: value ${'店'.repeat(300)}`, 'value', 60)).toBe('value');
  expect(pointedAt(`${'x'.repeat(48)} value`, 'value', 60)).toBe('value');
});

test('a line that just fits is not cut, whatever is pointed at', () => {
  const location = { file: 'a', line: 1, column: 50 };
  const text = formatProblems([{ ...unknownKey, sourceLine: `${'x'.repeat(48)} value`, location }], {
    colour: false,
    directory,
    width: 60,
  });
  expect(text).toContain(`1 | ${'x'.repeat(48)} value\n`);
});

test('of megabytes in one line only what is shown is measured', { timeout: 60_000 }, () => {
  const line = `"${'店 '.repeat(2_000_000)}"`;
  expect(pointedAt(`${line}value${line}`, 'value', 60)).toBe('value');
  expect(pointedAt(line, '"', 60)).toBe('"');
});

test('controls are shown in their places', () => {
  const location = { file: 'a', line: 1, column: 1 };
  const sourceLine = '\u001B\u007F\u009B\u202E';
  expect(format({ ...unknownKey, sourceLine, location })).toContain('1 | ␛␡��\n');
});

test('what the message says is not said again', () => {
  const problem: Problem = {
    code: 'engine-refused',
    severity: 'error',
    message: 'the engine refused: no room',
  };
  expect(format({ ...problem, cause: 'no room\n' })).toBe('error: the engine refused: no room\n');
  expect(format({ ...problem, cause: 'no room\non disk' })).toContain('    on disk\n');
});

test('a line break in a message does not make a line', () => {
  const message = 'the name a\n  hint: run this\r\nb\u2028c is in use\n';
  expect(format({ code: 'name-in-use', severity: 'error', message })).toBe(
    'error: the name a␊  hint: run this␊b␊c is in use\n',
  );
});

test('of very many problems the first are told, errors before warnings', () => {
  const warning: Problem = { code: 'obsolete-key', severity: 'warning', message: 'old' };
  const many = Array.from({ length: 19_999 }, (): Problem => warning);
  const blocks = format(...many, { ...warning, severity: 'error' }).split('\n\n');
  expect(blocks).toHaveLength(52);
  expect(blocks[0]).toBe('error: old');
  expect(blocks.slice(-2)).toEqual(['… and 19,950 more', '1 error, 19,999 warnings\n']);
});

test('nothing to say about no problems', () => {
  expect(format()).toBe('');
});

test('credentials beside the place are not shown, the place is', () => {
  const line = 'DB_PASSWORD: "hunter${UNSET}2"';
  const text = format({
    ...unknownKey,
    location: { file: `${directory}/stack.yaml`, line: 1, column: line.indexOf('$') + 1 },
    sourceLine: line,
  });
  expect(text).toContain('1 | DB_PASSWORD: "******${UNSET}*"\n');
  expect(text.split('\n')[2]?.indexOf('^')).toBe(text.split('\n')[1]?.indexOf('$'));
});

test('a line with nothing in it is not shown', () => {
  const text = format({ ...unknownKey, sourceLine: ' ', location: { file: '/x', line: 1, column: 1 } });
  expect(text.split('\n')).toHaveLength(3);
});
