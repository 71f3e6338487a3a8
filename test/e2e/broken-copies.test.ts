import { afterEach, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { askEngine, containersOf, shellInside } from '../helpers/engine.ts';
import { stackWithData as file, keeping } from '../helpers/keeping.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { openEngineProxy } from '../helpers/proxy.ts';

let project: TestProject;
const others: string[] = [];
afterEach(async () => {
  for (const id of others.splice(0)) await askEngine('DELETE', `/containers/${id}`, { force: '1' });
  await project.run(['-p', project.name, 'gc', '--trash', '--yes'], { environment: keeping });
  await project.remove();
});

async function run(...words: readonly string[]): Promise<string> {
  const { code, output } = await project.run(words, { environment: keeping });
  expect(code, output).toBe(0);
  return output;
}

/** Runs a command until all that is missing of a copy is that its files are written, and kills it. */
async function killAtCopy(...words: readonly string[]): Promise<void> {
  const proxy = await openEngineProxy();
  try {
    proxy.spoil((request) => /^PUT \S*\/archive\b/.test(request), 1, 'hang');
    const killed = project.start(['--json', ...words], {
      environment: { ...keeping, DOCKER_HOST: proxy.host },
    });
    await killed.waitFor(/"text":"copying/);
    await proxy.spoiled();
    killed.signal('SIGKILL');
    await killed.finished;
  } finally {
    await proxy.close();
  }
}

const read = (): Promise<string> => shellInside(`${project.name}-web-1`, 'cat /data/file');

async function stateOf(id: string): Promise<string> {
  const { State } = await askEngine<{ State: { Status: string } }>('GET', `/containers/${id}/json`);
  return State.Status;
}

/** Containers by which volumes are copied. */
async function helpersOf(name: string): Promise<readonly unknown[]> {
  const filters = JSON.stringify({ label: [label.copying, `${label.trash}=${name}`] });
  return askEngine('GET', '/containers/json', { all: '1', filters });
}

test('whoever pauses for a copy that is killed goes on with the next command, and what has got a part goes', async () => {
  project = createProject({ file });
  const volume = `${project.name}_data`;
  await run('up', '-d');
  await shellInside(`${project.name}-web-1`, 'echo kept > /data/file');
  // Of nobody's project: it stays when the stack goes.
  const { Id: other } = await askEngine<{ Id: string }>(
    'POST',
    '/containers/create',
    {},
    {
      Image: 'busybox',
      Cmd: ['sleep', 'infinity'],
      Labels: { [testLabel]: '1' },
      HostConfig: { Binds: [`${volume}:/data`], Init: true },
    },
  );
  others.push(other);
  await askEngine('POST', `/containers/${other}/start`);

  await killAtCopy('down', '--volumes');
  expect(await stateOf(other)).toBe('paused');
  expect(await helpersOf(project.name)).toHaveLength(2);
  // None of them is a service.
  expect(await containersOf(project.name)).toEqual([]);
  expect(await run('up', '-d', '--json')).toContain('"kind":"end-copy"');
  expect(await stateOf(other)).toBe('running');
  expect(await helpersOf(project.name)).toEqual([]);
  expect(await read()).toBe('kept');
  expect(await run('up', '-d', '--json')).not.toContain('end-copy');
  await askEngine('DELETE', `/containers/${other}`, { force: '1' });
  others.pop();

  await run('down', '--volumes');
  await killAtCopy('undo');
  const refused = await project.run(['up', '-d']);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(
    `volume ${volume} has got back only a part of what it had: stack undo was broken off`,
  );
  const [, words = ''] = /comes back with stack (undo [0-9a-f]+)$/m.exec(refused.output) ?? [];
  await run(...words.split(' '));
  await run('up', '-d');
  expect(await read()).toBe('kept');
});
