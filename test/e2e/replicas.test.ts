import { afterEach, describe, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

const sleeper = `{ image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1]`;
const file = (more: string) => `
services:
  web: ${sleeper}, ${more} }
  sidecar: ${sleeper}, network_mode: "service:db", pid: "service:db", volumes_from: ["db:ro"] }
  db: ${sleeper}, volumes: [/data] }
`;

async function idsOf(own: TestProject): Promise<Record<string, string>> {
  return Object.fromEntries((await containersOf(own.name)).map(({ name, id }) => [name, id]));
}

describe('several containers of a service, and what services share', () => {
  test('come up, grow, shrink, and are replaced together', async () => {
    const own = createProject({ file: file('scale: 2') });
    project = own;
    const name = (rest: string) => `${own.name}-${rest}`;
    expect((await own.run(['up', '-d'])).code).toBe(0);
    const first = await idsOf(own);
    expect(Object.keys(first).sort()).toEqual([
      name('db-1'),
      name('sidecar-1'),
      name('web-1'),
      name('web-2'),
    ]);

    own.write('stack.yaml', file('scale: 3'));
    expect((await own.run(['up', '-d'])).code).toBe(0);
    const grown = await idsOf(own);
    expect(grown).toEqual({ ...first, [name('web-3')]: grown[name('web-3')] });

    own.write('stack.yaml', file('scale: 1').replace('volumes: [/data]', 'volumes: [/data], user: "1"'));
    expect((await own.run(['up', '-d'])).code).toBe(0);
    const shrunk = await idsOf(own);
    expect(Object.keys(shrunk).sort()).toEqual([name('db-1'), name('sidecar-1'), name('web-1')]);
    expect(shrunk[name('web-1')]).toBe(first[name('web-1')]);
    expect(shrunk[name('db-1')]).not.toBe(first[name('db-1')]);
    expect(shrunk[name('sidecar-1')]).not.toBe(first[name('sidecar-1')]);
    expect((await own.run(['up', '-d'])).output).toMatch(/nothing to do/);
  });

  test.skipIf(compose === undefined)('are the same to Docker Compose, from either side', async () => {
    const own = createProject({ file: file('scale: 2') });
    project = own;
    const words = ['-f', 'stack.yaml', 'up', '-d'];
    expect((await own.run(['up', '-d'])).code).toBe(0);
    const ours = await idsOf(own);
    expect((await own.startOther(compose ?? '', words).finished).code).toBe(0);
    expect(await idsOf(own)).toEqual(ours);
    expect((await own.startOther(compose ?? '', [...words, '--force-recreate']).finished).code).toBe(0);
    const theirs = await idsOf(own);
    expect(Object.values(theirs).some((id) => Object.values(ours).includes(id))).toBe(false);
    expect((await own.run(['up', '-d'])).output).toMatch(/nothing to do/);
    expect(await idsOf(own)).toEqual(theirs);
  });
});

test('configs and secrets that are no files are in the container, and in nothing that is told', async () => {
  const own = createProject({
    file: `
services:
  web:
    image: busybox
    command: [sh, -c, "cat /run/secrets/token /settings; stat -c '%a %u' /run/secrets/token /settings; sleep infinity"]
    init: true
    labels: [${testLabel}=1]
    secrets: [{ source: token, mode: 0400, uid: "5" }]
    configs: [settings]
secrets: { token: { environment: TOKEN } }
configs: { settings: { content: "for \${WHO:-all}" } }
`,
  });
  project = own;
  const unset = await own.run(['up', '-d']);
  expect([unset.code, unset.output]).toEqual([1, expect.stringContaining('`secrets.token` takes its value')]);
  const TOKEN = 'marker-of-a-secret';
  const told = await own.run(['--json', 'up', '-d'], { environment: { TOKEN } });
  expect(told.code).toBe(0);
  expect(told.output).not.toContain(TOKEN);
  expect(JSON.stringify(await containersOf(own.name))).not.toContain(TOKEN);
  const logs = async () => (await own.run(['logs', '--no-log-prefix'])).stdout;
  await expect.poll(logs).toContain('400 5\n444 0');
  expect(await logs()).toContain(`${TOKEN}for all`);
});
