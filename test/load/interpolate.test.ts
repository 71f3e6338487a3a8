// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of stack files.
import { expect, test } from 'vitest';
import { loadText, problemsIn, shortly } from './folder.ts';

const environment = { SET: 'set', EMPTY: '' };

async function expanded(template: string) {
  const { stack } = await loadText(`services: {a: {image: a, command: [${JSON.stringify(template)}]}}`, {
    environment,
  });
  return stack.services.a?.command?.[0];
}

test.each([
  ['$SET ${SET}', 'set set'],
  ['${NO-d} ${EMPTY-d} ${EMPTY:-d} ${SET:-d}', 'd  d set'],
  ['${NO+a}|${EMPTY+a}|${EMPTY:+a}|${SET:+a}', '|a||a'],
  ['${SET?m} ${EMPTY?m}', 'set '],
  ['$$SET $${SET} $$$SET', '$SET ${SET} $set'],
  ['a$ $1 $! 100%$', 'a$ $1 $! 100%$'],
  ['${NO:-${EMPTY:-deep $SET}}', 'deep set'],
  ['${NO:-{a}} ${NO:-x}-${NO:-y}', '{a} x-y'],
  ['${NO:-x?y} ${NO-a:b-c}', 'x?y a:b-c'],
  ['${NO:+${SET}}', ''],
])('%s becomes %s', async (template, value) => {
  expect(await expanded(template)).toBe(value);
});

test.each(['${', '${}', '${SET', '${1A}', '${SET :-d}', '${!SET}', '${SET/a/b}', '${SET:=d}', '${NO:-a\nb}'])(
  '%s is refused',
  async (template) => {
    const text = `services: {a: {image: a, command: [${JSON.stringify(template)}]}}`;
    const problems = await problemsIn(loadText(text, { environment }));
    expect(problems.map(({ code }) => code)).toEqual(['invalid-interpolation']);
  },
);

test('problems point to the dollar sign, in every style of scalar', async () => {
  const text = [
    'services:',
    '  a:',
    '    image: x/${ONE?}',
    "    user: 'it''s ${TWO?}'",
    '    hostname: "\\t$$ ${THREE?}"',
    '    working_dir: |',
    '      first',
    '        second ${FOUR?}',
    '    command: >-',
    '      ${SET} and',
    '      ${FIVE?}',
    '    entrypoint:',
    '      - ${SIX:-${SEVEN?}}',
  ].join('\n');
  expect(shortly(await problemsIn(loadText(text, { environment })))).toEqual([
    '3:14 missing-variable services.a.image',
    '4:18 missing-variable services.a.user',
    '5:21 missing-variable services.a.hostname',
    '8:16 missing-variable services.a.working_dir',
    '11:7 missing-variable services.a.command',
    '13:16 missing-variable services.a.entrypoint[0]',
  ]);
});

test('an unset variable is one warning, which says in how many more places it stands', async () => {
  const text = [
    'x-base: &base',
    '  environment: ["A=$NONE", "B=${NONE}$NONE"]',
    'services:',
    '  a: {image: a, <<: *base}',
    '  b: {image: b, <<: *base, hostname: $OTHER}',
  ].join('\n');
  const { warnings } = await loadText(text);
  expect(shortly(warnings)).toEqual([
    '2:20 unset-variable x-base.environment[0]',
    '5:38 unset-variable services.b.hostname',
  ]);
  expect(warnings[0]?.message).toContain('not set here and in 2 more places');
});

test('keys are left alone, and variables are looked up with capital and small letters', async () => {
  const text = 'services: {a: {image: a, environment: {"$SET": "${set-small}"}}}';
  const { stack } = await loadText(text, { environment });
  expect(stack.services.a?.environment).toEqual({ $SET: 'small' });
});
