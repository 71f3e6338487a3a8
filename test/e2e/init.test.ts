import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

/** What a test leaves behind can be told by its label. */
function mark(own: TestProject): void {
  own.write(
    'stack.override.yaml',
    `services:\n  api: {labels: [${testLabel}=1], stop_grace_period: 0s}\n  site: {labels: [${testLabel}=1], stop_grace_period: 0s}\n`,
  );
}

test('what init writes is without doubt, runs, and answers', async () => {
  const own = createProject();
  project = own;
  const [one, other] = [await freePort(), await freePort()];
  own.write('api/package.json', '{"scripts": {"start": "node server.js"}}');
  own.write(
    'api/server.js',
    `require('node:http').createServer((_, answer) => answer.end('node')).listen(process.env.PORT || ${one});`,
  );
  own.write('site/requirements.txt', '# nothing\n');
  own.write(
    'site/app.py',
    [
      'from http.server import BaseHTTPRequestHandler, HTTPServer',
      'class Answer(BaseHTTPRequestHandler):',
      '    def do_GET(self):',
      '        self.send_response(200)',
      '        self.end_headers()',
      '        self.wfile.write(b"python")',
      `HTTPServer(("0.0.0.0", ${other}), Answer).serve_forever()`,
      '',
    ].join('\n'),
  );
  const made = await own.run(['init', '--yes']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toBe(
    [
      `found api/package.json: Node.js 24, listens on ${one}`,
      `found site/requirements.txt: Python 3.12, listens on ${other}`,
      'wrote stack.yaml, api/Dockerfile, api/.dockerignore, site/Dockerfile, site/.dockerignore',
      'stack up brings it up',
      '',
    ].join('\n'),
  );
  expect(await own.run(['check', '--strict'])).toMatchObject({ code: 0, output: '' });
  mark(own);
  expect((await own.run(['up', '-d', '--wait'])).code).toBe(0);
  for (const [port, words] of [
    [one, 'node'],
    [other, 'python'],
  ] as const) {
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe(words);
  }
  const again = await own.run(['init']);
  expect(again).toMatchObject({
    code: 0,
    stdout: 'there is stack.yaml, so there is nothing to do; stack up brings it up\n',
  });
});

test('a password is made up where there is a database, once one has agreed', async () => {
  const own = createProject();
  project = own;
  own.write('package.json', '{"main": "server.js", "dependencies": {"pg": "8"}}');
  own.write('server.js', '');
  const open = () =>
    openTerminal({
      command: underTest,
      args: [launcher, 'init'],
      cwd: own.directory,
      env: own.environment,
    });
  const refused = open();
  await refused.waitFor(/write stack\.yaml, Dockerfile, \.dockerignore\? \[Yn\]/);
  refused.type('n\r');
  expect((await refused.exit).code).toBe(0);
  refused.dispose();
  expect(readdirSync(own.directory).toSorted()).toEqual(['package.json', 'server.js']);
  const rehearsed = await own.run(['init', '--dry-run']);
  expect(rehearsed.stdout).toContain('\n--- stack.yaml\n');
  expect(readdirSync(own.directory)).toHaveLength(2);
  const agreed = open();
  await agreed.waitFor(/\[Yn\]/);
  agreed.type('\r');
  await agreed.waitFor(/stack up brings it up/);
  const text = agreed.lines().join('\n');
  agreed.dispose();
  expect(text).toContain(
    'wrote DB_PASSWORD into .env\n.env belongs into .gitignore, not into the repository\n',
  );
  const dotenv = path.join(own.directory, '.env');
  expect(readFileSync(dotenv, 'utf8')).toMatch(/^DB_PASSWORD=[A-Za-z0-9]{24}\n$/);
  expect(statSync(dotenv).mode & 0o777).toBe(0o600);
  expect(await own.run(['check', '--strict'])).toMatchObject({ code: 0, output: '' });
});
