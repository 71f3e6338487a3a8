import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { type Prepared, prepareStack } from '../../src/commands/init.ts';
import { problemsOf } from '../../src/model/problem.ts';
import { folder, request } from '../load/folder.ts';

interface Made extends Prepared {
  readonly stack: string;
  readonly dockerfile: string;
}

/** What is made of these files; written beside them it has to be without any doubt. */
async function madeOf(files: Record<string, string>, taken: readonly number[] = []): Promise<Made> {
  const directory = folder(files);
  const prepared = await prepareStack(directory, async (port) => !taken.includes(port));
  const text = (name: string) =>
    prepared.files.find((file) => file.path === path.join(directory, name))?.text ?? '';
  for (const file of prepared.files) {
    mkdirSync(path.dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.text, { flag: 'wx' });
  }
  const environment = { DB_PASSWORD: 'made-up' };
  expect(await check(request(directory, { environment }))).toEqual([]);
  return { ...prepared, stack: text('stack.yaml'), dockerfile: text('Dockerfile') };
}

test('a program for Node.js with its libraries, its databases and where it listens', async () => {
  const { findings, stack, dockerfile, files } = await madeOf(
    {
      'package.json': JSON.stringify({
        scripts: { start: 'node --enable-source-maps src/server.js', build: 'tsc' },
        engines: { node: '>=20' },
        dependencies: { pg: '8', ioredis: '5' },
      }),
      'package-lock.json': '{}',
      '.nvmrc': 'v22.1.0\n',
      'src/server.js': 'app.listen(process.env.PORT ?? 4000)',
      'src/db.js': 'connect({ port: 5432 })',
    },
    [4000, 4001],
  );
  expect(findings).toEqual([
    'found package.json: Node.js 22, listens on 4000',
    'found pg in use: PostgreSQL, as the service db',
    'found ioredis in use: Redis, as the service redis',
    'web is published as 4002, as 4000 is taken here',
  ]);
  expect(dockerfile).toBe(
    'FROM node:22-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nCMD ["node", "--enable-source-maps", "src/server.js"]\n',
  );
  expect(stack).toContain('    x-stack: { ready: { tcp: 4000 } }\n    environment:\n      PORT: "4000"\n');
  expect(stack).toContain('ports: ["127.0.0.1:4002:4000"]\n');
  expect(stack).toContain('DATABASE_URL: "postgres://app:${DB_PASSWORD}@db:5432/app"\n');
  expect(stack).toContain('    ports: ["127.0.0.1::5432"]\n');
  expect(stack).toContain('      redis: { condition: service_healthy }\n');
  expect(stack).toContain('    DB_PASSWORD: { generate: 24, describe: password of PostgreSQL }\n');
  expect(files.map((file) => path.basename(file.path))).toEqual([
    'stack.yaml',
    'Dockerfile',
    '.dockerignore',
  ]);
});

test('frameworks of Python are started so that they are reached', async () => {
  const flask = await madeOf({
    'requirements.txt': 'Flask==3\n',
    'site.py': 'application = Flask(__name__)\n',
  });
  expect(flask.dockerfile).toContain(
    'CMD ["flask", "--app", "site", "run", "--host", "0.0.0.0", "--port", "5000"]\n',
  );
  expect(flask.stack).toContain('ports: ["127.0.0.1:5000:5000"]');
  const fast = await madeOf({
    'pyproject.toml': '[project]\nname = "x"\ndependencies = [\n  "fastapi>=0.1",\n  "psycopg2-binary",\n]\n',
    'main.py': 'from fastapi import FastAPI\napi = FastAPI(title="x")\n',
    '.python-version': '3.11.4\n',
  });
  expect(fast.dockerfile).toContain('FROM python:3.11-slim\n');
  expect(fast.dockerfile).toContain('RUN pip install --no-cache-dir .\nCMD ["uvicorn", "main:api",');
  expect(fast.stack).toContain('image: postgres:16');
  const django = await madeOf({ 'manage.py': '', 'requirements.txt': 'django\n' });
  expect(django.dockerfile).toContain('CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]');
  const script = await madeOf({ 'main.py': 'print(1)\n' });
  expect(script.findings).toEqual(['found main.py: Python 3.12; nothing says where it listens']);
  expect(script.stack).not.toContain('ports');
});

test('Go, Ruby and Java', async () => {
  const go = await madeOf({
    'go.mod': 'module x\n\ngo 1.23.1\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.0.0\n)\n',
    'main.go': 'package main\nfunc main() { http.ListenAndServe(":8081", nil) }\n',
  });
  expect(go.dockerfile).toMatch(/^FROM golang:1\.23 AS build\n[\s\S]*CMD \["\/bin\/app"\]\n$/);
  expect(go.stack).toContain('8081:8081');
  expect(go.stack).toContain('postgres:16');
  const ruby = await madeOf({ Gemfile: "gem 'sinatra'\ngem 'mysql2'\n", 'app.rb': "require 'sinatra'\n" });
  expect(ruby.dockerfile).toContain(
    'CMD ["bundle", "exec", "ruby", "app.rb", "-o", "0.0.0.0", "-p", "4567"]',
  );
  expect(ruby.stack).toContain('image: mysql:8');
  const java = await madeOf({
    'pom.xml':
      '<project><java.version>17</java.version><artifactId>spring-boot-maven-plugin</artifactId><artifactId>spring-boot-starter-amqp</artifactId></project>',
  });
  expect(java.dockerfile).toContain('FROM eclipse-temurin:17-jre\n');
  expect(java.stack).toContain('image: rabbitmq:3');
  expect(java.stack).toContain('8080:8080');
});

test('a Procfile says what there is beside the program', async () => {
  const { stack, dockerfile, findings } = await madeOf({
    Procfile:
      'release: ./migrate\nworker: node worker.js\nweb: node web.js --port $PORT\nclock: cd jobs && A=1 node clock.js\nmail: B=1 node mail.js\n',
    'package.json': '{"dependencies": {"mongoose": "8"}}',
  });
  expect(findings).toContain('found Procfile: web, worker, clock, mail');
  expect(stack).toContain('command: ["sh","-c","exec node web.js --port $$PORT"]\n');
  expect(stack).toContain(
    '  # `worker` of the Procfile.\n  worker:\n    build: .\n    command: ["sh","-c","exec node worker.js"]\n',
  );
  // Such a command is no program that could take the place of the shell.
  expect(stack).toContain('command: ["sh","-c","cd jobs && A=1 node clock.js"]\n');
  expect(stack).toContain('command: ["sh","-c","B=1 node mail.js"]\n');
  expect(stack).toContain('PORT: "8000"');
  expect(stack).toContain('image: mongo:7');
  expect(dockerfile).toContain('CMD ["sh", "-c", "node web.js --port $PORT"]');
});

test('what has a Dockerfile is built by that, in folders as well; what is there stays', async () => {
  const { stack, files, findings } = await madeOf({
    'api/Dockerfile': 'FROM a AS b\nEXPOSE 1\nFROM c\nCOPY node_modules .\nEXPOSE 80\n',
    'api/package.json': '{}',
    'Web UI/package.json': '{"scripts": {"dev": "vite"}, "devDependencies": {"vite": "6"}}',
    'Web UI/.dockerignore': 'mine\n',
    'docs/package.json': '{"main": "index.js"}',
    'lib/package.json': '{}',
    'z: #1/Dockerfile': 'FROM a\n',
    '.env.example': 'A=1\n',
  });
  expect(stack).toContain('  # What its Dockerfile starts.\n  api:\n    build: ./api\n');
  expect(stack).toContain('ports: ["127.0.0.1:8080:80"]');
  expect(stack).toContain('  web-ui:\n    build: ./Web UI\n');
  expect(stack).toContain('    build: "./z: #1"\n');
  expect(stack).toContain('    env_file:\n      - path: .env\n        required: false\n');
  expect(findings).toContain(
    'found lib/package.json: Node.js 24, but nothing says how it is started; it is left out',
  );
  const written = files.map((file) => file.path.split(path.sep).slice(-2).join('/'));
  expect(written).toEqual(['p/stack.yaml', 'Web UI/Dockerfile', 'api/.dockerignore', 'z: #1/.dockerignore']);
  const [, dockerfile, ignore] = files;
  expect(ignore?.text).not.toContain('node_modules');
  expect(dockerfile?.text).toContain('CMD ["npm", "run", "dev", "--", "--host", "0.0.0.0"]');
});

test('no two services have one name, whatever folders are called', async () => {
  const { stack } = await madeOf({
    'package.json': '{"scripts": {"start": "node index.js"}, "dependencies": {"pg": "8"}}',
    Procfile: 'web: node index.js\napi: node api.js\n',
    'api/Dockerfile': 'FROM a\n',
    'db/Dockerfile': 'FROM a\n',
    'web/Dockerfile': 'FROM a\n',
  });
  const builds = [...stack.matchAll(/^ {2}([\w-]+):\n {4}build: (\S+)/gm)].map(([, name, from]) => [
    name,
    from,
  ]);
  expect(Object.fromEntries(builds)).toEqual({
    web: '.',
    api: '.',
    'api-2': './api',
    'db-2': './db',
    'web-2': './web',
  });
  expect(stack).toContain('  db:\n    image: postgres');
});

test('what only holds others together is not started; two never have one port', async () => {
  const { findings, stack } = await madeOf({
    'package.json': '{"workspaces": ["a", "b"], "private": true}',
    'a/package.json': '{"scripts": {"start": "node index.js"}}',
    'a/index.js': 'app.listen(3000)',
    'b/package.json': '{"scripts": {"start": "node index.js"}}',
    'b/index.js': 'server.listen(3000)',
  });
  expect(findings).toEqual([
    'found a/package.json: Node.js 24, listens on 3000',
    'found b/package.json: Node.js 24, listens on 3000',
    'b is published as 3001, as 3000 is that of a',
  ]);
  expect(stack).not.toContain('web:');
});

test('a stack that is there is left alone, and nothing is made of nothing', async () => {
  const directory = folder({ 'docker-compose.yml': 'services: {}\n', 'package.json': '{"main": "a.js"}' });
  expect(await prepareStack(directory, async () => true)).toEqual({
    existing: path.join(directory, 'docker-compose.yml'),
    findings: [],
    files: [],
  });
  const refusal = (files: Record<string, string>) =>
    prepareStack(folder(files), async () => true).then(
      () => [],
      (error) =>
        problemsOf(error).map(({ code, message }) => [code, message.replace(/ in \/.*\/p /, ' in p ')]),
    );
  expect(await refusal({ 'README.md': '' })).toEqual([
    ['nothing-found', 'there is no program in p that could be brought up'],
  ]);
  expect(await refusal({ Gemfile: '' })).toEqual([
    ['nothing-found', 'there is a program for Ruby 3.3, but nothing says how it is started'],
  ]);
  expect(() => readFileSync(path.join(directory, 'stack.yaml'))).toThrow('ENOENT');
});
