import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;

beforeEach(() => {
  project = createProject();
});

afterEach(() => project.remove());

const dockerfile = `FROM busybox AS made
WORKDIR /app
COPY package.json ./
ARG WHO
RUN cat package.json; \\
  echo $WHO > who

FROM busybox
COPY . /app
COPY --from=made /app/who /who
RUN true || npm ci
`;

const file = (who: string) => `services:
  api:
    build:
      context: app
      labels: [${testLabel}=1]
      args: { WHO: ${who} }
      cache_from: ["localhost:1/nobody/nothing:1"]
`;

/** The lines about the steps: what became of each, where it stands, and why. */
async function explain(
  ...words: string[]
): Promise<{ readonly lines: readonly string[]; readonly output: string }> {
  const { code, stdout, output } = await project.run(['build', '--explain', ...words]);
  expect(code, output).toBe(0);
  const lines = stdout.split('\n').map((line) => line.replace(/ {2,}(?:\d[\dms. ]*s)? */g, ' | ').trim());
  const own = lines.slice(lines.findIndex((line) => line.startsWith('api:')));
  // Sometimes the builder takes the image from its cache, sometimes it looks at it anew.
  return { lines: own.filter((line) => !line.includes('FROM busybox')), output };
}

test('each step is told as cached or with what it was done anew for, and what makes builds slow with its line', async () => {
  project.write('stack.yaml', file('one'));
  project.write('app/Dockerfile', dockerfile);
  // The builder knows what earlier tests have built.
  project.write('app/package.json', project.name);
  project.write('app/main.js', `1 ${project.name}`);
  const first = await explain();
  expect(first.lines[0]).toBe('api: what its last image was made from is not known');
  expect(first.output).toContain(
    'app/Dockerfile:9:1 warning: line 9 copies all files before line 11 installs',
  );
  expect(first.output).toContain(
    'app/Dockerfile:9:1 warning: line 9 copies all files, and there is no .dockerignore',
  );
  expect(first.output).toMatch(
    /stack\.yaml:7:\d+ warning: the builder finds no cache at localhost:1\/nobody/,
  );

  project.write('app/main.js', `2 ${project.name}`);
  project.write('app/.dockerignore', 'logs\n');
  const second = await explain();
  expect(second.output).not.toContain('there is no .dockerignore');
  expect(second.lines.slice(0, 9)).toEqual([
    'api: since its last build',
    '| .dockerignore added',
    '| main.js changed',
    '| cached | app/Dockerfile:2 | WORKDIR /app',
    '| cached | app/Dockerfile:3 | COPY package.json ./',
    '| cached | app/Dockerfile:5 | RUN cat package.json; …',
    '| done | app/Dockerfile:9 | COPY . /app | .dockerignore added and 1 more',
    '| done | app/Dockerfile:10 | COPY --from=made /app/who /who | it follows line 9',
    '| done | app/Dockerfile:11 | RUN true || npm ci | it follows line 10',
  ]);

  project.write('stack.yaml', file('two'));
  const third = await explain();
  expect(third.lines).toContain('| done | app/Dockerfile:5 | RUN cat package.json; … | args.WHO changed');
  expect(third.lines).toContain('| cached | app/Dockerfile:9 | COPY . /app');
  expect(third.lines).toContain(
    '| done | app/Dockerfile:10 | COPY --from=made /app/who /who | it uses stage made, which line 5 made anew',
  );
  expect((await explain()).lines[0]).toBe('api: nothing has changed since its last build');
  const refused = await project.run(['build', '--explain', '--check']);
  expect(refused.output).toContain('--explain and --check are incompatible');
});
