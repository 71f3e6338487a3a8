import { expect, test } from 'vitest';
import { configOrigin } from '../../src/commands/origin.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { formatOrigins } from '../../src/report/origins.ts';
import { folder, request } from '../load/folder.ts';

const files = {
  'stack.yaml':
    'services:\n  web:\n    image: nginx:1\n    environment:\n      DB_HOST: one\n      DB_PASSWORD: old\n  a.b:\n    image: x\n',
  'stack.override.yaml': 'services:\n  web:\n    environment:\n      DB_HOST: two\n      DB_PASSWORD: new\n',
};

async function told(wanted: string, masked = false): Promise<string> {
  const directory = folder(files);
  const { origins } = await configOrigin(wanted, request(directory), masked);
  return formatOrigins(origins, { colour: false, directory });
}

test('a value is told with its place and what it took the place of', async () => {
  expect(await told('services.web.environment.DB_HOST')).toBe(
    'services.web.environment.DB_HOST: "two"\n  stack.override.yaml:4:16\n  instead of "one", stack.yaml:5:16\n',
  );
});

test('below a path all values are told, and which of them are implied', async () => {
  const text = await told('services.web');
  expect(text).toContain('services.web.image: "nginx:1"\n  stack.yaml:3:12\n');
  expect(text).toContain('services.web.networks.default: null\n  default\n');
});

test.each(['services.a.b.image', 'services["a.b"].image', "services['a.b'].image"])(
  '%s is a path',
  async (wanted) => {
    expect(await told(wanted)).toBe('services["a.b"].image: "x"\n  stack.yaml:8:12\n');
  },
);

test('credentials are masked, those before them as well', async () => {
  expect(await told('services.web.environment.DB_PASSWORD', true)).toMatch(
    /: "\*{8}"\n.*\n {2}instead of "\*{8}", /,
  );
});

test.each([
  ['services.web.imag', 'did you mean `services.web.image`?'],
  ['servces', 'did you mean `services`?'],
  ['services.web.image.x', '`services.web.image` has nothing below it'],
  ['services.nothing', '`services` has a.b, web'],
])('an unknown path %s is told', async (wanted, hint) => {
  const directory = folder(files);
  const error = await configOrigin(wanted, request(directory), false).catch((thrown: unknown) => thrown);
  expect(problemsOf(error)).toMatchObject([{ code: 'invalid-option', hint }]);
});
