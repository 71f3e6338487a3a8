import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ProblemsError } from '../../../src/model/problem.ts';
import { parseTemplate } from '../../../src/report/go-template.ts';
import { expandJsonLine, readJsonLine } from '../../../src/report/logs/json-lines.ts';
import { levelOfText } from '../../../src/report/logs/levels.ts';
import { isMatch, placesOf, readPattern } from '../../../src/report/logs/pattern.ts';
import { sanitiseData, sanitiseField, sanitiseInPlace, sanitiseLine } from '../../../src/report/sanitise.ts';
import { clip, widthOf } from '../../../src/report/width.ts';
import { keysOf } from '../../../src/terminal/typed.ts';
import { type Law, law, outcomeOf, textsOf } from './law.ts';

const esc = '\u001B';
const written = textsOf(
  ...[
    esc,
    '[',
    ']',
    ';',
    '0',
    'm',
    'A',
    '\u0007',
    '\\',
    '\r',
    '\n',
    '\t',
    '\u009B',
    'x',
    '?',
    'P',
    '8;;http://a',
    '\u202E',
  ],
  ...['🙂', '\u0300', '\u200D', 'é', ' ', '名'],
);
const record = { Name: 'a', Labels: { b: 'c' }, List: ['d'], Size: 1 };
const colours = new RegExp(`${esc}\\[[0-9;:]*m`, 'g');
const unseen = /[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u;

/** Whatever is typed, shown, and asked to be shown. */
export const screenLaws: readonly Law[] = [
  law('output: no control character gets through', fc.tuple(written, fc.boolean()), ([text, colour]) => {
    const shown = sanitiseLine(text, { colour });
    assert.doesNotMatch(colour ? shown.replace(colours, '') : shown, unseen);
    assert.doesNotMatch(sanitiseField(text), unseen);
    const data = sanitiseData(text);
    assert.equal(data.length, text.length);
    assert.doesNotMatch(data.replace(colours, '').replace(/[\n\t]/g, ''), unseen);
    const inPlace = sanitiseInPlace(text);
    assert.equal(inPlace.length, text.length);
    assert.doesNotMatch(inPlace, unseen);
  }),
  law(
    'output: what is clipped is no wider than it may be',
    fc.tuple(written, fc.integer({ min: 1, max: 30 })),
    ([text, width]) => {
      assert.ok(widthOf(clip(sanitiseField(text), width, '…')) <= width);
    },
  ),
  law(
    'output: any line has a level or none, and fields if it is JSON',
    fc.oneof(
      written,
      textsOf('{', '}', '"msg":', '"level":', '"a"', ':', ',', '1', 'null', '[', ']', 'ERROR', ' info '),
      fc.json(),
    ),
    (text) => {
      levelOfText(text);
      const line = readJsonLine(text);
      const shown = [line?.message ?? '', ...(line?.fields.flat() ?? []), ...(expandJsonLine(text) ?? [])];
      for (const part of shown) assert.doesNotMatch(part, unseen);
    },
  ),
  law(
    'keys: whatever is typed are keys, however it comes',
    fc.tuple(
      fc.array(fc.constantFrom('a', 'B', ' ', '\t', '\u007F', '\u0003', esc, '🙂', '1'), { maxLength: 12 }),
      fc.nat(12),
    ),
    ([typed, at]) => {
      const keys = keysOf(typed.join(''), {});
      for (const key of keys) assert.ok(key.length > 0);
      assert.deepEqual(
        [...keysOf(typed.slice(0, at).join(''), {}), ...keysOf(typed.slice(at).join(''), {})],
        keys,
      );
    },
  ),
  law(
    'filters: any text is a pattern, or told to be none',
    fc.tuple(
      textsOf(
        ...[
          '/',
          '!',
          'a',
          '.',
          '*',
          '+',
          '(',
          ')',
          '[',
          ']',
          '\\',
          '|',
          '^',
          '$',
          '?',
          '{1}',
          'i',
          'u',
          '\\p{',
        ],
      ),
      fc.string(),
    ),
    async ([typed, line]) => {
      const pattern = await outcomeOf(() => readPattern(typed));
      if (pattern instanceof Error) {
        assert.ok(pattern instanceof SyntaxError, pattern.stack);
        return;
      }
      // What may take for ever is tried elsewhere, where it can be stopped: that is tested by itself.
      if (pattern.guard !== undefined) return;
      assert.equal(typeof isMatch(pattern, line), 'boolean');
      if (pattern.isPlain && !pattern.negated) assert.equal(isMatch(pattern, `x${typed}x`), true);
      assert.equal(placesOf(pattern, line).length > 0, isMatch(pattern, line) !== pattern.negated);
    },
  ),
  law(
    'forms: any text is rendered, or refused',
    textsOf(
      ...[
        '{{',
        '}}',
        '{{-',
        ' -}}',
        '.Name',
        '.',
        '$',
        ' ',
        '|',
        'json',
        'upper',
        'if',
        'range',
        'with',
        'else',
        'end',
        '(',
        ')',
      ],
      ...[
        '"a"',
        '`',
        '"',
        '\\n',
        '1',
        '.Labels',
        '.constructor',
        '.__proto__',
        'printf',
        '%s',
        'index',
        '/*',
        '*/',
        'table ',
        'constructor',
      ],
    ),
    async (source) => {
      const rendered = await outcomeOf(() => parseTemplate(source).render(record));
      if (rendered instanceof Error) assert.ok(rendered instanceof ProblemsError, rendered.stack);
    },
  ),
];
