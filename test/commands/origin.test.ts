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

test.each(['services.a.b.image', 'services["a.b"].image', "services['a.b'].image", 'services."a.b".image'])(
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
  ['web.image', 'did you mean `services.web.image`?'],
  ['services.web.build', '`services.web` has environment, image, networks'],
])('an unknown path %s is told', async (wanted, hint) => {
  const directory = folder(files);
  const error = await configOrigin(wanted, request(directory), false).catch((thrown: unknown) => thrown);
  expect(problemsOf(error)).toMatchObject([{ code: 'invalid-option', hint }]);
});

test('the variables of a value are told with their places', async () => {
  const directory = folder({
    'stack.yaml': `services:
  web:
    image: "\${REGISTRY:-\${OTHER}}/app:$TAG" # \${IN_COMMENT}
    environment: {A: "\${ONE}", B: "\${TWO}", C: $$ONE}
    env_file: web.env
`,
    '.env': '# all\nTAG=7\nONE=1\n',
    'web.env': 'D=x${TAG}\n',
  });
  const load = request(directory, { environment: { REGISTRY: 'r.io', ONE: 'mine' } });
  const { origins } = await configOrigin('services.web', load, false);
  expect(Object.fromEntries(origins.map(({ path, variables }) => [path, variables]))).toMatchObject({
    'services.web.image': [
      { name: 'REGISTRY', from: 'environment' },
      { name: 'OTHER', from: 'nowhere' },
      { name: 'TAG', from: { file: `${directory}/.env`, line: 2, column: 1 } },
    ],
    'services.web.environment.A': [{ name: 'ONE', from: 'environment' }],
    'services.web.environment.B': [{ name: 'TWO', from: 'nowhere' }],
    'services.web.environment.C': [],
    'services.web.environment.D': [{ name: 'TAG', from: { line: 2 } }],
  });
  const text = formatOrigins(origins, { colour: false, directory });
  expect(text).toContain(
    '\n  with REGISTRY of the environment\n  with OTHER that is not set\n  with TAG of .env:2:1\n',
  );
});

test('of env files that are named the last one gives a variable', async () => {
  const directory = folder({
    'stack.yaml': 'services:\n  web:\n    image: "x:${TAG}"\n',
    '.env': 'TAG=0\n',
    'a.env': 'TAG=1\n',
    'b.env': '\nTAG=2\n',
  });
  const load = request(directory, { envFiles: ['a.env', 'b.env'] });
  const { origins } = await configOrigin('services.web.image', load, false);
  expect(origins).toMatchObject([
    { value: 'x:2', variables: [{ from: { file: `${directory}/b.env`, line: 2 } }] },
  ]);
});

test('warnings are those about what was asked for', async () => {
  const directory = folder({
    'stack.yaml': 'version: "3"\nservices:\n  a: {image: x, user: "${A}"}\n  b: {image: x, user: "${B}"}\n',
  });
  const { warnings } = await configOrigin('services.a', request(directory), false);
  expect(warnings.map(({ path }) => path)).toEqual(['services.a.user']);
  expect((await configOrigin('', request(directory), false)).warnings).toHaveLength(3);
});

test('what stands around a value tells that it is a credential', async () => {
  const directory = folder({
    'stack.yaml': 'services:\n  a: {image: x, command: [serve, --api-key, k3y]}\n',
  });
  const { origins, masked } = await configOrigin('services.a.command', request(directory), true);
  expect(origins.map(({ value }) => value)).toEqual(['serve', '--api-key', '********']);
  expect(masked).toBe(1);
});
