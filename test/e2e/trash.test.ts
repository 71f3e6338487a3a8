import { mkdtempSync, rmSync } from 'node:fs';
import { request as ask, createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { askEngine } from '../helpers/engine.ts';
import { keeping } from '../helpers/keeping.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';
import { openTerminal } from '../helpers/terminal.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const projects = new Set<TestProject>();
afterEach(async () => {
  for (const project of projects) {
    await project.run(['-p', project.name, 'gc', '--trash', '--yes'], { environment: keeping });
    await project.remove();
  }
  projects.clear();
});

function newProject(file: string): TestProject {
  const project = createProject({ file });
  projects.add(project);
  return project;
}

const service = `
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]`;

const rest = `
networks: { default: { labels: [${testLabel}=1] } }
volumes: { data: { labels: [${testLabel}=1] } }
`;

const file = `services:
  web:${service}
    volumes: ["data:/data", "/cache"]${rest}`;

interface Kept {
  readonly id: string;
  readonly holder: string;
  readonly volume: string;
  readonly was?: string;
  readonly project: string;
  readonly size: number;
}

async function keptOf(project: TestProject): Promise<readonly Kept[]> {
  const { stdout } = await project.run(['undo', '--list', '--json'], { environment: keeping });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line)).filter((kept: Kept) => kept.project === project.name);
}

/** The engine's volumes that are the project's, or that hold what its volumes had. */
async function volumesOf(project: TestProject): Promise<readonly string[]> {
  interface Listed {
    readonly Volumes: readonly { readonly Name: string; readonly Labels: Record<string, string> | null }[];
  }
  const { Volumes } = await askEngine<Listed>('GET', '/volumes');
  return Volumes.filter(({ Labels }) => Object.values(Labels ?? {}).includes(project.name)).map(
    ({ Name }) => Name,
  );
}

/** What copies leave behind if nobody cleans up. */
async function helpersOf(project: TestProject): Promise<readonly unknown[]> {
  const filters = JSON.stringify({ label: [`dev.stack.trash=${project.name}`] });
  return askEngine<readonly unknown[]>('GET', '/containers/json', { all: '1', filters });
}

async function sh(project: TestProject, script: string): Promise<string> {
  const { stdout, output, code } = await project.run(['exec', '-T', 'web', 'sh', '-c', script]);
  expect(code, output).toBe(0);
  return stdout;
}

const writeAll = `cd /data && chown 7:8 . && chmod 2750 . && mkdir -p deep/er empty && echo kept > deep/er/file &&
  ln deep/er/file hard && ln -s deep/er/file link && ln -s /nowhere broken && touch nothing && mkfifo pipe &&
  chown 1000:2000 deep/er/file && chmod 4751 deep/er/file && chown -h 5:6 link && touch -d "2001-02-03 04:05:06" nothing &&
  chmod 0000 empty && dd if=/dev/urandom of=big bs=1M count=3 2>/dev/null && echo cached > /cache/file`;

/** All that can be known of files: kind, mode, owner, links, size, time, target and content. */
const lookAtAll = `cd /data && find . | sort | xargs stat -c '%n %F %a %u %g %h %s %Y' | grep -v '^[.] ' && stat -c '%a %u %g' . &&
  readlink link broken; find . -type f | sort | xargs md5sum; stat -c %i hard deep/er/file | uniq | wc -l`;

test('down --volumes says what goes and keeps it; undo brings it back as it was', async () => {
  const project = newProject(file);
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  await sh(project, writeAll);
  const before = await sh(project, lookAtAll);
  expect(before).toContain('./deep/er/file regular file 4751 1000 2000 2 5 ');

  const dry = await project.run(['down', '--volumes', '--dry-run'], { environment: keeping });
  const name = `${project.name}_data`;
  expect(dry.stdout).toMatch(
    new RegExp(
      `^remove volume ${name}: its data is no longer wanted \\(3\\.1\\dMB, \\S.* old; kept for 7 days\\)$`,
      'm',
    ),
  );
  expect(dry.stdout).toMatch(
    /^remove volume [0-9a-f]{12}: anonymous, \/cache of \S+-web-1 \(7B, .* old; kept for 7 days\)$/m,
  );
  const down = await project.run(['down', '--volumes'], { environment: keeping });
  expect(down.code, down.output).toBe(0);
  expect(down.output).toContain('stack undo');
  const kept = await keptOf(project);
  expect(kept).toHaveLength(2);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
  expect(kept.map(({ volume }) => volume)).toContain(name);
  expect(await helpersOf(project)).toEqual([]);
  // Nothing of it is the project's: neither tool finds it there.
  expect((await project.run(['volumes', '-q'])).stdout).toBe('');

  const undo = await project.run(['undo'], { environment: keeping });
  expect(undo.code, undo.output).toBe(0);
  const up = await project.run(['up', '-d', '--json']);
  expect(up.code, up.output).toBe(0);
  expect(up.stdout).not.toContain('create-volume');
  expect(up.stdout).not.toContain('"type":"problem-found"');
  expect(await sh(project, lookAtAll)).toBe(before);
  // Nobody would find an anonymous one by itself; it is there for who names it.
  const [anonymous] = await keptOf(project);
  expect(anonymous?.was).toBe(`anonymous, /cache of ${project.name}-web-1`);
  const cache = `${project.name}_cache`;
  expect(await project.run(['undo', anonymous?.id ?? '', '--as', cache])).toMatchObject({ code: 1 });
  expect(
    await project.run(['undo', anonymous?.holder.replace('stack-trash-', '') ?? '', '--as', cache]),
  ).toMatchObject({ code: 0 });
  await askEngine('DELETE', `/volumes/${cache}`);

  // The next one keeps it again; a volume that has come meanwhile is not touched.
  expect(await project.run(['down', '-v'], { environment: keeping })).toMatchObject({ code: 0 });
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  await sh(project, 'echo other > /data/other');
  const refused = await project.run(['undo'], { environment: keeping });
  expect(refused.code).toBe(1);
  expect(refused.output).toMatch(
    new RegExp(`${name} \\(6B, .* old\\) is there, and nothing in it is overwritten`),
  );
  expect(await sh(project, 'ls /data')).toBe('other\n');
  const [{ id = '' } = {}] = await keptOf(project);
  const beside = await project.run(['undo', id, '--as', `${name}_beside`], { environment: keeping });
  expect(beside.code, beside.output).toBe(0);
  const { Labels } = await askEngine<{ Labels: object }>('GET', `/volumes/${name}_beside`);
  expect(Labels).toEqual({ [testLabel]: '1' });
  await askEngine('DELETE', `/volumes/${name}_beside`);
  const nothing = await project.run(['undo'], { environment: keeping });
  expect(nothing.output).toContain(`nothing is kept of volumes of ${project.name}`);
});

test('it asks on a terminal, and no answer is a no; --yes and the words of Docker Compose ask nothing', async () => {
  const project = newProject(file);
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  await sh(project, 'echo kept > /data/file');
  const name = `${project.name}_data`;
  const onTerminal = async (words: readonly string[], answer?: string, more = {}) => {
    const env = { ...project.environment, ...keeping, CI: '', ...more };
    const args = [launcher, ...words];
    const terminal = openTerminal({
      command: underTest,
      args,
      cwd: project.directory,
      env,
      columns: 160,
    });
    try {
      if (answer !== undefined) {
        await terminal.waitFor(/do that\? \[yN\]/);
        terminal.type(answer);
      }
      const { code } = await terminal.exit;
      return { code, text: terminal.lines().join('\n') };
    } finally {
      terminal.dispose();
    }
  };
  const no = await onTerminal(['down', '--volumes'], '\r');
  expect(no.code).toBe(0);
  expect(no.text).toMatch(new RegExp(`remove volume ${name}: .*\\(5B, .* old; kept for 7 days\\)`));
  expect(await sh(project, 'cat /data/file')).toBe('kept\n');

  const tooBig = await project.run(['down', '-v', '--dry-run'], { environment: { STACK_TRASH_SIZE: '4' } });
  expect(tooBig.stdout).toContain('gone for good: no more than 4B are kept');
  // Nobody answers the terminal of a build machine.
  const inCi = await onTerminal(['down', '--volumes'], undefined, { CI: 'true' });
  expect([inCi.code, inCi.text.includes('[yN]')]).toEqual([0, false]);
  expect(await project.run(['undo'], { environment: keeping })).toMatchObject({ code: 0 });
  const yes = await onTerminal(['down', '--volumes', '--yes']);
  expect([yes.code, yes.text.includes('[yN]')]).toEqual([0, false]);
  expect((await keptOf(project)).map(({ volume }) => volume)).toEqual([name]);

  // In the place of Docker Compose it goes as there: at once and for good.
  expect(await project.run(['undo'], { environment: keeping })).toMatchObject({ code: 0 });
  const asCompose = await onTerminal(['compose', '-f', 'stack.yaml', 'down', '--volumes']);
  expect([asCompose.code, asCompose.text.includes('[yN]')]).toEqual([0, false]);
  expect([await keptOf(project), await volumesOf(project)]).toEqual([[], []]);
});

test('rm, gc and up with other settings keep what goes, too; what is empty leaves nothing', async () => {
  const project = newProject(file);
  const name = `${project.name}_data`;
  const run = async (...words: readonly string[]) => {
    const finished = await project.run(words, { environment: keeping });
    expect(finished.code, finished.output).toBe(0);
    return finished.output;
  };
  await run('up', '-d');
  await sh(project, 'echo one > /data/file; echo cached > /cache/file');
  const told = await run('rm', '--stop', '--force', '--volumes');
  expect(told).toMatch(
    /remove volume [0-9a-f]{12}: anonymous, \/cache of \S+ \(7B, .* old; kept for 7 days\)/,
  );
  const [cache] = await keptOf(project);
  expect(cache?.volume).toMatch(/^[0-9a-f]{64}$/);
  expect(await volumesOf(project)).toContain(name);
  await run('undo', cache?.holder.replace('stack-trash-', '') ?? '', '--as', `${project.name}_cache`);
  await askEngine('DELETE', `/volumes/${project.name}_cache`);

  project.write(
    'stack.yaml',
    file.replace(
      `volumes: { data: { labels: [${testLabel}=1] } }`,
      `volumes: { data: { labels: [${testLabel}=2] } }`,
    ),
  );
  const asked = await project.run(['up', '-d'], { environment: keeping, input: 'n\n' });
  expect(asked.output).toMatch(
    new RegExp(
      `volume ${name} \\(4B, .* old; kept for 7 days\\) exists with other settings; make it anew, without the data\\?`,
    ),
  );
  expect(await sh(project, 'cat /data/file')).toBe('one\n');
  await run('up', '-d', '--yes');
  expect(await sh(project, 'ls /data')).toBe('');
  expect((await keptOf(project)).map(({ volume }) => volume)).toEqual([name]);
  // It is empty now, so there is nothing to keep.
  await run('down', '--volumes');
  expect(await keptOf(project)).toHaveLength(1);
  await run('undo');
  const gone = await project.run(['-p', project.name, 'gc', '--volumes', '--yes'], { environment: keeping });
  expect(gone.code, gone.output).toBe(0);
  expect((await keptOf(project)).map(({ volume }) => volume)).toEqual([name]);
  await run('undo');
  await run('up', '-d');
  expect(await sh(project, 'cat /data/file')).toBe('one\n');
});

test('killed while it copies, and without room for the copy, the volume stays; the next try cleans up', async () => {
  const project = newProject(file);
  const name = `${project.name}_data`;
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  await sh(project, 'dd if=/dev/zero of=/data/big bs=1M count=30 2>/dev/null; echo kept > /data/file');
  const proxy = await openEngineProxy();
  try {
    // However fast the engine is, it has not got all of it by then.
    proxy.spoil((request) => /^PUT \S*\/archive\b/.test(request), 1, 'hang');
    const environment = { ...keeping, DOCKER_HOST: proxy.host };
    const killed = project.start(['--json', 'down', '--volumes'], { environment });
    await killed.waitFor(/"text":"copying"/);
    killed.signal('SIGKILL');
    await killed.finished;
  } finally {
    await proxy.close();
  }
  expect(await keptOf(project)).toEqual([]);
  expect(await volumesOf(project)).toContain(name);

  const small = await openOddEngine({ hasSmallVolumes: true });
  try {
    const full = await project.run(['down', '--volumes'], {
      environment: { ...keeping, DOCKER_HOST: small.host },
    });
    expect(full.code).toBe(1);
    expect(full.output).toContain(
      `the engine has no room to keep what volume ${name} has, so the volume stays`,
    );
  } finally {
    small.close();
  }
  expect(await keptOf(project)).toEqual([]);
  expect(await helpersOf(project)).toEqual([]);
  expect((await volumesOf(project)).filter((one) => one !== name)).toEqual([]);

  const blind = await openOddEngine({ readsNoFiles: true });
  const blindly = (...words: readonly string[]) =>
    project.run(words, { environment: { ...keeping, DOCKER_HOST: blind.host } });
  const unread = await blindly('down', '--volumes');
  expect([unread.code, unread.output]).toEqual([
    1,
    expect.stringContaining(
      `the engine can read only 0 of the 31457285 bytes of what volume ${name} has, so the volume stays`,
    ),
  ]);
  expect(await volumesOf(project)).toEqual([name]);
  const down = await project.run(['down', '--volumes'], { environment: keeping });
  expect(down.code, down.output).toBe(0);
  const [kept] = await keptOf(project);
  expect((await volumesOf(project)).toSorted()).toEqual([kept?.holder, `${kept?.holder}-whole`]);
  expect(await blindly('undo', kept?.id ?? '')).toMatchObject({ code: 1 });
  blind.close();
  expect((await volumesOf(project)).toSorted()).toEqual([kept?.holder, `${kept?.holder}-whole`]);
  expect(await project.run(['undo', kept?.id ?? ''])).toMatchObject({ code: 0 });
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
  expect(await sh(project, 'cat /data/file; stat -c %s /data/big')).toBe('kept\n31457280\n');
});

interface Oddity {
  /** There is room for no more than a few files: each volume that is made is a small disk in memory. */
  readonly hasSmallVolumes?: true;
  /** Of a folder nothing of what is in it can be read, which engines do not tell. */
  readonly readsNoFiles?: true;
}

/** The engine as it is rarely. */
async function openOddEngine(oddity: Oddity): Promise<{ readonly host: string; close(): void }> {
  const { url } = await resolveEndpoint(process.env);
  const upstream = url.startsWith('unix://')
    ? { socketPath: url.slice('unix://'.length) }
    : { host: new URL(url).hostname, port: Number(new URL(url).port) };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const socket = path.join(folder, 'engine.sock');
  const server: Server = createServer((asked, answer) => {
    const { method, url: target, headers } = asked;
    const isVolume = oddity.hasSmallVolumes === true && /\/volumes\/create\b/.test(target ?? '');
    const isArchive = oddity.readsNoFiles === true && method === 'GET' && /\/archive\b/.test(target ?? '');
    const { 'content-length': _, ...others } = headers;
    const onward = ask(
      { ...upstream, method, path: target, headers: isVolume ? others : headers },
      (answered) => {
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        if (!isArchive) return void answered.pipe(answer);
        answered.once('data', (chunk: Buffer) => {
          answer.end(Buffer.concat([chunk.subarray(0, 512), Buffer.alloc(1024)]));
          answered.destroy();
        });
      },
    );
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    if (!isVolume) return void asked.pipe(onward);
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };
      onward.end(JSON.stringify({ ...JSON.parse(Buffer.concat(chunks).toString()), DriverOpts }));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    close() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test.runIf(compose !== undefined)(
  'Docker Compose sees nothing of what is kept, and undo brings its volumes back',
  async () => {
    const project = newProject(file);
    const asCompose = (...words: readonly string[]) =>
      project.startOther(compose ?? '', ['-f', 'stack.yaml', ...words]).finished;
    expect(await asCompose('up', '-d')).toMatchObject({ code: 0 });
    await sh(project, 'echo kept > /data/file');
    expect(await project.run(['down', '--volumes'], { environment: keeping })).toMatchObject({ code: 0 });
    expect((await asCompose('volumes', '-q')).stdout).toBe('');
    expect(await project.run(['undo'])).toMatchObject({ code: 0 });
    const up = await asCompose('up', '-d');
    expect(up.code, up.output).toBe(0);
    expect(up.output).not.toContain('Volume');
    expect(await sh(project, 'cat /data/file')).toBe('kept\n');
  },
);
