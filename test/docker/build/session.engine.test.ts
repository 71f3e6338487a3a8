import { generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../../src/docker/api.ts';
import { buildImage } from '../../../src/docker/build/build.ts';
import { answerAsAgent } from '../../../src/docker/build/session/ssh-agent.ts';
import { readSshKey } from '../../../src/docker/build/session/ssh-key.ts';
import { connectEngine } from '../../../src/docker/connect.ts';
import { resolveEndpoint } from '../../../src/docker/endpoint.ts';
import type { EngineConnection } from '../../../src/docker/http.ts';
import type { BuildImage } from '../../../src/model/plan.ts';
import { testLabel } from '../../helpers/project.ts';

const run = `sessiontest-${randomUUID().slice(0, 8)}`;
const { signal } = new AbortController();

let engine: EngineConnection;
let folder: string;
let lines: string[];

beforeAll(async () => {
  engine = connectEngine(await resolveEndpoint(process.env));
  folder = await mkdtemp(path.join(tmpdir(), 'session-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  const filters = JSON.stringify({ reference: [`${run}-*`] });
  const images = await call<{ Id: string }[]>(engine, 'GET', '/images/json', { query: { filters }, signal });
  for (const { Id } of images)
    await call(engine, 'DELETE', `/images/${Id}`, { query: { force: '1' }, signal, accept: [404, 409] });
});

async function build(
  name: string,
  dockerfile: string,
  {
    build: more,
    ...action
  }: Partial<Omit<BuildImage, 'build'>> & { build?: Partial<BuildImage['build']> } = {},
  by = engine,
  contents = new Map<string, string>(),
): Promise<void> {
  lines = [];
  const context = path.join(folder, name);
  await mkdir(context, { recursive: true });
  await buildImage(
    {
      action: {
        kind: 'build-image',
        service: 'web',
        image: `${run}-${name}`,
        build: { context, dockerfile_inline: dockerfile, ...more },
        labels: { [testLabel]: run },
        ...action,
      },
    },
    by,
    { signal, contents, progress: (progress) => lines.push(...(progress.lines ?? [])) },
  );
}

async function write(name: string, text: string | Buffer): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** The engine, and how many bytes went to it over its sessions. */
function counted(): { by: EngineConnection; sent(): number } {
  const sockets: { readonly bytesWritten?: number }[] = [];
  return {
    by: {
      ...engine,
      async upgrade(request) {
        const got = await engine.upgrade(request);
        if (request.path === '/session') sockets.push(got as { readonly bytesWritten?: number });
        return got;
      },
    },
    sent: () => sockets.reduce((sum, { bytesWritten = 0 }) => sum + bytesWritten, 0),
  };
}

test('a step gets secrets out of files and variables, which leave no trace in the image', async () => {
  const file = await write('token.txt', 'file-secret');
  const secrets = [
    { id: 'token', file, from: 'secrets.token' },
    { id: 'word', from: 'secrets.word', variable: 'WORD' },
    { id: 'unset', from: 'secrets.unset', variable: 'UNSET' },
  ];
  const step =
    'RUN --mount=type=secret,id=token --mount=type=secret,id=word,target=/w --mount=type=secret,id=unset ' +
    'test "$(cat /run/secrets/token) $(cat /w)" = "file-secret word-secret" && test ! -e /run/secrets/unset';
  const contents = new Map([['secrets.word', 'word-secret']]);
  await build(
    'secrets',
    `FROM busybox\n${step.replace('file-secret word', 'file-sec""ret word')}\n`,
    { secrets },
    engine,
    contents,
  );
  const image = await call(engine, 'GET', `/images/${run}-secrets/json`, { signal });
  const history = await call(engine, 'GET', `/images/${run}-secrets/history`, { signal });
  expect(JSON.stringify([image, lines])).not.toMatch(/file-secret|word-secret/);
  expect(JSON.stringify(history)).not.toContain('file-secret');
});

test('a secret that a step cannot do without, and that it does not get, is named', async () => {
  const needs = (id: string) => `FROM busybox\nRUN --mount=type=secret,id=${id},required=true true\n`;
  await expect(build('needs', needs('other'))).rejects.toMatchObject({
    problems: [{ code: 'build-failed', message: expect.stringContaining('needs the secret other') }],
  });
  const secrets = [{ id: 'token', file: path.join(folder, 'nosuch'), from: 'secrets.token' }];
  await expect(build('needs', needs('token'), { secrets })).rejects.toMatchObject({
    problems: [{ code: 'missing-file', message: expect.stringContaining('nosuch') }],
  });
});

/** Asks the agent for its first key and has it sign, in a step. */
const useAgent = `FROM node:24-slim
COPY <<'END' /use.mjs
import net from 'node:net';
const text = (bytes) => { const head = Buffer.alloc(4); head.writeUInt32BE(bytes.length); return Buffer.concat([head, bytes]); };
const ask = (request) => new Promise((resolve) => {
  const socket = net.connect(process.env.SSH_AUTH_SOCK);
  let held = Buffer.alloc(0);
  socket.on('data', (piece) => {
    held = Buffer.concat([held, piece]);
    if (held.length >= 4 && held.length >= 4 + held.readUInt32BE()) { resolve(held.subarray(4)); socket.end(); }
  });
  socket.write(text(request));
});
const keys = await ask(Buffer.from([11]));
const blob = keys.subarray(9, 9 + keys.readUInt32BE(5));
const answer = await ask(Buffer.concat([Buffer.from([13]), text(blob), text(Buffer.from(process.argv[2])), Buffer.alloc(4)]));
console.log('signature', answer.subarray(-64).toString('hex'));
END
`;

function expectSigned(word: string, publicKey: Parameters<typeof verify>[2]): void {
  const hex = lines.find((line) => line.startsWith('signature '))?.slice('signature '.length) ?? '';
  expect(verify(null, Buffer.from(word), publicKey, Buffer.from(hex, 'hex'))).toBe(true);
}

test('a step uses an SSH key out of a file, which stays here', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = await write('key', String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const word = randomUUID();
  const step = `RUN --mount=type=ssh,id=mine node /use.mjs ${word}\n`;
  await build('ssh-key', useAgent + step, { build: { ssh: { mine: file } } });
  expectSigned(word, publicKey);
});

test('a step uses the agent of the user', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = readSshKey(String(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const socket = path.join(folder, 'agent.sock');
  const agent: Server = createServer(async (user) => {
    for await (const answer of answerAsAgent(user as AsyncIterable<Buffer>, [key])) user.write(answer);
    user.end();
  });
  await new Promise<void>((resolve) => agent.listen(socket, resolve));
  const word = randomUUID();
  const step = `RUN --mount=type=ssh node /use.mjs ${word}\n`;
  try {
    await build('ssh-agent', useAgent + step, { build: { ssh: { default: socket } } });
  } finally {
    agent.close();
  }
  expectSigned(word, publicKey);
});

test('a key that cannot be used, and one that is not given, are told', async () => {
  const ssh = { mine: await write('no.key', 'nothing') };
  await expect(build('nokey', 'FROM busybox\n', { build: { ssh } })).rejects.toMatchObject({
    problems: [{ code: 'ssh-unavailable', message: expect.stringContaining('no.key') }],
  });
  const needs = 'FROM busybox\nRUN --mount=type=ssh,id=other,required=true true\n';
  await expect(build('nokey', needs)).rejects.toMatchObject({
    problems: [{ code: 'build-failed', message: expect.stringContaining('needs the SSH key') }],
  });
});

test('of a folder in which one file has changed only that file is sent', async () => {
  const megabyte = 1024 * 1024;
  await write('large/large.bin', Buffer.alloc(3 * megabyte, randomUUID()));
  await write('large/small.txt', 'one');
  const dockerfile = 'FROM busybox\nCOPY . /all\nRUN cat /all/small.txt\n';
  const first = counted();
  await build('large', dockerfile, {}, first.by);
  expect(first.sent()).toBeGreaterThan(3 * megabyte);
  await write('large/small.txt', 'another');
  const second = counted();
  await build('large', dockerfile, {}, second.by);
  expect(lines).toContain('another');
  expect(second.sent()).toBeLessThan(megabyte / 10);
});

test('of a folder only what the Dockerfile copies is sent, and nothing that is ignored', async () => {
  await write('part/unused.bin', Buffer.alloc(1024 * 1024, 1));
  await write('part/.dockerignore', '**/*.md\n');
  await write('part/in/a.txt', '');
  await write('part/in/b.md', '');
  const { by, sent } = counted();
  await build('part', 'FROM busybox\nCOPY in /in\nRUN ls /in\n', { build: { no_cache: true } }, by);
  expect(lines).toEqual(['a.txt']);
  expect(sent()).toBeLessThan(100_000);
});

test('a Dockerfile beside the context, with what is to be ignored', async () => {
  await write('beside/Dockerfile', 'FROM busybox\nCOPY . /all\nRUN ls /all\n');
  await write('beside/Dockerfile.dockerignore', 'left\n');
  await write('whole/left', '');
  await write('whole/right', '');
  lines = [];
  const context = path.join(folder, 'whole');
  const built = { context, dockerfile: '../beside/Dockerfile', no_cache: true };
  const action = { kind: 'build-image', service: 'web', image: `${run}-beside`, labels: {} } as const;
  await buildImage({ action: { ...action, build: built } }, engine, {
    signal,
    contents: new Map(),
    progress: (progress) => lines.push(...(progress.lines ?? [])),
  });
  expect(lines).toEqual(['right']);
});

test('modes and links are kept, and everything is owned by root', async () => {
  const file = await write('modes/script', '#!/bin/sh\n');
  await chmod(file, 0o4751);
  await symlink('script', path.join(folder, 'modes/link'));
  await build(
    'modes',
    'FROM busybox\nCOPY . /m\nRUN cd /m && stat -c "%n %a %u:%g" script && readlink link\n',
    {
      build: { no_cache: true },
    },
  );
  expect(lines).toEqual(['script 4751 0:0', 'script']);
});

test('further contexts: a folder, an image, and what another service builds, however new bases are to be', async () => {
  await write('more/more.txt', 'more of it');
  await build('base', 'FROM busybox\nENV WORD=inherited\nWORKDIR /here\nRUN echo base > base.txt\n');
  const dockerfile =
    'FROM base\nCOPY --from=more more.txt .\nCOPY --from=image /bin/busybox /b\nRUN echo $WORD; pwd; cat *.txt\n';
  await build('contexts', dockerfile, {
    build: {
      pull: true,
      no_cache: true,
      additional_contexts: { more: path.join(folder, 'more'), image: 'docker-image://busybox' },
    },
    bases: { base: `${run}-base` },
  });
  expect(lines).toEqual(['inherited', '/here', 'base', 'more of it']);
});

test('a context that is an archive behind an address', async () => {
  const tar = pack();
  tar.entry({ name: 'Dockerfile' }, 'FROM busybox\nCOPY word /\nRUN cat /word\n');
  tar.entry({ name: 'word' }, randomUUID());
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  const server = createHttpServer((_, response) => response.end(Buffer.concat(chunks)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = `http://127.0.0.1:${(server.address() as AddressInfo).port}/context.tar`;
  try {
    lines = [];
    const action = { kind: 'build-image', service: 'web', image: `${run}-archive`, labels: {} } as const;
    await buildImage({ action: { ...action, build: { context } } }, engine, {
      signal,
      contents: new Map(),
      progress: (progress) => lines.push(...(progress.lines ?? [])),
    });
    expect(lines).toHaveLength(1);
  } finally {
    server.close();
  }
});

test('the credentials for a private base image go to its registry alone', async () => {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    const allowed = request.headers.authorization === `Basic ${Buffer.from('me:pass').toString('base64')}`;
    response.writeHead(allowed ? 404 : 401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wanted: string[] = [];
  const by: EngineConnection = {
    ...engine,
    credentials: {
      forImage: async () => undefined,
      all: async () => undefined,
      asConfig: async () => ({}),
      async forHost(host) {
        wanted.push(host);
        return { username: 'me', password: 'pass', serveraddress: host };
      },
    },
  };
  try {
    await expect(build('private', `FROM ${registry}/private:1\n`, {}, by)).rejects.toMatchObject({
      problems: [{ code: 'image-not-found' }],
    });
  } finally {
    server.close();
  }
  expect(new Set(wanted)).toEqual(new Set([registry]));
  expect(asked).toContain(`Basic ${Buffer.from('me:pass').toString('base64')}`);
});

test('what is doubtful in a Dockerfile is told with its line, and nothing is built', async () => {
  const dockerfile = await write('doubtful/Dockerfile', 'FROM busybox AS Upper\nMAINTAINER me\n');
  const action = { kind: 'build-image', service: 'web', image: `${run}-doubtful`, labels: {} } as const;
  const check = { ...action, build: { context: path.dirname(dockerfile) }, check: true };
  const work = { signal, contents: new Map(), progress: () => {} };
  const problems = await buildImage({ action: check }, engine, work).then(
    () => [],
    (error: { problems: readonly unknown[] }) => error.problems,
  );
  expect(problems).toHaveLength(2);
  expect(problems).toContainEqual(
    expect.objectContaining({
      code: 'dockerfile-doubtful',
      message: expect.stringMatching(/^StageNameCasing: /),
      location: { file: dockerfile, line: 1, column: 1 },
      sourceLine: 'FROM busybox AS Upper',
    }),
  );
  await expect(call(engine, 'GET', `/images/${run}-doubtful/json`, { signal })).rejects.toThrow(
    'No such image',
  );
});

test('what the engine cannot build is told before anything begins', async () => {
  const missing = { additional_contexts: { more: path.join(folder, 'nosuch') } };
  await expect(build('refused', 'FROM busybox\n', { build: missing })).rejects.toMatchObject({
    problems: [{ code: 'missing-build-file', path: 'services.web.build.additional_contexts.more' }],
  });
  const cache = { cache_to: ['type=local,dest=/nosuch'] };
  await expect(build('refused', 'FROM busybox\n', { build: cache })).rejects.toMatchObject({
    problems: [{ code: 'unsupported-key', path: 'services.web.build.cache_to' }],
  });
  const network = { network: 'of-my-own' };
  await expect(build('refused', 'FROM busybox\nRUN true\n', { build: network })).rejects.toMatchObject({
    problems: [{ code: 'build-failed', hint: expect.stringContaining('default, host or none') }],
  });
});

test('hosts, limits, shared memory and a network of none reach the steps', async () => {
  await build(
    'limits',
    'FROM busybox\nRUN ulimit -n; cat /etc/hosts; df -k /dev/shm | tail -1; ls /sys/class/net\n',
    {
      build: {
        no_cache: true,
        extra_hosts: ['one=192.0.2.1', 'six=::1', 'me=host-gateway'],
        ulimits: { nofile: { soft: 1000, hard: 2000 } },
        shm_size: 128 * 1024 * 1024,
        network: 'none',
      },
    },
  );
  const text = lines.join('\n');
  expect(lines[0]).toBe('1000');
  expect(text).toMatch(/192\.0\.2\.1\s+one/);
  expect(text).toMatch(/::1\s+six/);
  expect(text).toMatch(/\d+\.\d+\.\d+\.\d+\s+me/);
  expect(text).toContain('131072');
  expect(lines.at(-1)).toBe('lo');
});
