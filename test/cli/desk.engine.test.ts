import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createDesk, type StaffedDesk } from '../../src/cli/desk.ts';
import { inSession, type Session } from '../../src/cli/session.ts';
import type { Outcome } from '../../src/commands/outcome.ts';
import { up } from '../../src/commands/up.ts';
import type { LoadRequest } from '../../src/load/load.ts';
import type { EventBody } from '../../src/model/event.ts';
import { ProblemsError } from '../../src/model/problem.ts';
import { createStore } from '../../src/report/store.ts';
import type { View } from '../../src/report/view.ts';
import type { Lend, Order } from '../../src/terminal/desk.ts';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

const service = (name: string, more = '') => `  ${name}:
    image: busybox
    init: true
    command: [sh, -c, 'echo ${name} begins; exec sleep infinity']
    labels: [${testLabel}=1]
${more}`;

interface Stay {
  readonly staff: StaffedDesk;
  readonly session: Session;
  readonly events: readonly EventBody[];
  readonly ended: Promise<Outcome>;
  view(): View;
  /** Resolves once what has happened adds up to that. */
  until(fits: (view: View) => boolean): Promise<void>;
  act(order: Order): Promise<string | undefined>;
  states(): Readonly<Record<string, string>>;
}

const lend: Lend = (work) => work();

/** Brings a stack up as the screens do, and does something meanwhile. */
async function staying(
  file: string,
  work: (stay: Stay, project: TestProject) => Promise<void>,
  options: { readonly keeps?: boolean; readonly watch?: boolean } = {},
): Promise<Outcome> {
  const project = createProject({ file });
  projects.push(project);
  const load: LoadRequest = {
    directory: project.directory,
    files: [],
    profiles: [],
    services: [],
    environment: project.environment,
    defaultPlatform: true,
  };
  return inSession(async (session) => {
    const store = createStore();
    const events: EventBody[] = [];
    const waiting = new Set<() => void>();
    session.listen((event) => {
      events.push(event);
      store.dispatch(event);
      for (const check of waiting) check();
    });
    const staff = createDesk({ session, load, hasFile: true });
    const onlooker = { meet: staff.meet, keeps: () => options.keeps === true };
    const request = { load, detach: false, watch: options.watch === true, onlooker };
    const ended = up(request, session.surroundings);
    const stay: Stay = {
      ...{ staff, session, events, ended },
      view: store.getView,
      until: (fits) =>
        new Promise((resolve, reject) => {
          const check = (): void => {
            if (!fits(store.getView())) return;
            waiting.delete(check);
            resolve();
          };
          waiting.add(check);
          check();
          ended.then(() => reject(new Error('the command has ended')), reject);
        }),
      act: (order) => staff.desk.act(order, lend),
      states: () => Object.fromEntries(store.getView().services.map(({ name, state }) => [name, state])),
    };
    await Promise.race([work(stay, project), ended.then(() => new Promise(() => {}))]);
    await staff.close();
    return ended;
  });
}

const isRunning = ({ phase }: View): boolean => phase === 'running';

test('what is stopped, started, restarted, paused and killed by orders ends nothing, and leaving is no failure', async () => {
  const outcome = await staying(`services:\n${service('web')}${service('db')}`, async (stay, project) => {
    const { act, states, until, session } = stay;
    await until(isRunning);
    const [before] = await containersOf(project.name);
    await act({ kind: 'stop', services: ['web'] });
    expect(states()).toEqual({ web: 'stopped', db: 'running' });
    await act({ kind: 'stop', services: ['db'] });
    expect(states()).toEqual({ web: 'stopped', db: 'stopped' });
    expect(stay.view().phase).toBe('running');
    await act({ kind: 'start', services: ['web', 'db'] });
    await until(() => states().web === 'running' && states().db === 'running');
    expect((await containersOf(project.name)).map(({ id }) => id)).toContain(before?.id);
    await act({ kind: 'restart', services: ['web'] });
    // Its end may be heard of before its new beginning is.
    await until(() => states().web === 'running');
    await act({ kind: 'pause', services: ['web'] });
    await until(() => states().web === 'paused');
    await expect(act({ kind: 'pause', services: ['web'] })).rejects.toThrow('is already paused');
    await act({ kind: 'unpause', services: ['web'] });
    await until(() => states().web === 'running');
    await act({ kind: 'kill', services: ['web', 'db'] });
    await until(() => states().web === 'stopped' && states().db === 'stopped');
    session.leave();
  });
  expect(outcome.exitCode).toBe(0);
});

test('a service keeps the number of containers that it was scaled to, and the file is applied as it is now', async () => {
  const file = `services:\n${service('web', '    environment: { WHO: one }\n')}`;
  const outcome = await staying(file, async ({ act, until, states, view, session }, project) => {
    const web = () => view().services.find(({ name }) => name === 'web');
    await until(isRunning);
    await act({ kind: 'scale', service: 'web', count: 3 });
    await until(() => web()?.replicas.filter(({ state }) => state === 'running').length === 3);
    const before = await containersOf(project.name);
    await act({ kind: 'recreate', services: ['web'] });
    const after = await containersOf(project.name);
    expect(after).toHaveLength(3);
    expect(after.some(({ id }) => before.some((one) => one.id === id))).toBe(false);

    const changed = file.replace('one', 'two') + service('more');
    writeFileSync(path.join(project.directory, 'stack.yaml'), changed.replace('image:', 'imago:'));
    await expect(act({ kind: 'apply' })).rejects.toBeInstanceOf(ProblemsError);
    expect(Object.keys(states())).toEqual(['web']);
    writeFileSync(path.join(project.directory, 'stack.yaml'), changed);
    await act({ kind: 'apply' });
    await until(() => states().more === 'running');
    const applied = await containersOf(project.name);
    expect(applied.map(({ service }) => service).toSorted()).toEqual(['more', 'web', 'web', 'web']);
    expect(applied.some(({ id }) => after.some((one) => one.id === id))).toBe(false);
    // What the new service writes is followed, too.
    await until((now) => now.services.some(({ tail }) => tail.some(({ text }) => text === 'more begins')));
    await expect(act({ kind: 'rebuild', services: ['web'] })).rejects.toThrow('web is not built here');
    session.interrupt();
  });
  expect(outcome.exitCode).toBe(130);
});

test('after down by an order the screen stays; leaving it then is no failure', async () => {
  const outcome = await staying(`services:\n${service('web')}`, async ({ act, until, session }, project) => {
    await until(isRunning);
    await act({ kind: 'down' });
    expect(await containersOf(project.name)).toEqual([]);
    await act({ kind: 'start', services: ['web'] });
    await until(({ services }) => services[0]?.state === 'running');
    await act({ kind: 'down' });
    session.leave();
  });
  expect(outcome.exitCode).toBe(0);
});

test('tells the environment with its places, why, the plan, processes and all details, with secrets masked', async () => {
  const more =
    '    environment:\n      DB_PASSWORD: hunter2secret\n      LOGIN: me/hunter2secret\n      WHO: me\n';
  await staying(`services:\n${service('web', more)}`, async ({ staff, until, session }) => {
    await until(isRunning);
    const read = async (subject: Parameters<typeof staff.desk.read>[0]): Promise<string> =>
      (await staff.desk.read(subject, 'web', new AbortController().signal)).join('\n');
    const environment = await read('environment');
    expect(environment).toMatch(/^WHO: "me"\n {2}\S*stack\.yaml:10:\d+$/m);
    expect(environment).toMatch(/^DB_PASSWORD: "\*+"\n {2}\S*stack\.yaml:8:\d+$/m);
    expect(environment).not.toContain('hunter2secret');
    expect(environment).toMatch(/^PATH: "\/.*"$/m);
    expect(await read('why')).toMatch(/web/);
    expect(await read('plan')).toBe('nothing to do');
    expect(await read('processes')).toMatch(/sleep infinity/);
    const details = await read('inspect');
    expect(details).toContain('"DB_PASSWORD=********"');
    expect(details).toContain('"WHO=me"');
    expect(details).not.toContain('hunter2secret');
    session.leave();
  });
});

test('where all has failed it stays for who looks at the whole screen, until it is mended or left', async () => {
  const broken = `services:\n${service('web').replace('init: true', 'entrypoint: [/no/such]')}`;
  const left = await staying(
    broken,
    async ({ until, session }) => {
      await until(({ phase }) => phase === 'failed');
      session.leave();
    },
    { keeps: true },
  );
  expect(left.exitCode).toBe(1);
  const mended = await staying(
    broken,
    async ({ until, act, session }, project) => {
      await until(({ phase }) => phase === 'failed');
      writeFileSync(path.join(project.directory, 'stack.yaml'), `services:\n${service('web')}`);
      await act({ kind: 'apply' });
      await until(({ services }) => services[0]?.state === 'running');
      session.leave();
    },
    { keeps: true },
  );
  expect(mended.exitCode).toBe(0);
  const crashed = await staying(
    `services:\n${service('web').replace('exec sleep infinity', 'exit 3')}`,
    async ({ until, session }) => {
      await until(({ services }) => services[0]?.state === 'failed');
      session.leave();
    },
    { keeps: true },
  );
  expect(crashed.exitCode).toBe(1);
});

test('watching is switched off and on again', async () => {
  const built = `services:\n${service('web', '    build: .\n').replace('    image: busybox\n', '')}`;
  const project = `${built}`;
  await staying(
    project,
    async ({ until, act, events, session }, { write }) => {
      write('Dockerfile', 'FROM busybox\nCOPY . /app\n');
      await until(({ phase }) => phase === 'failed' || phase === 'running');
      await act({ kind: 'apply' });
      await act({ kind: 'watch', on: false });
      expect(events.at(-1)).toMatchObject({ type: 'watch-ended' });
      await Promise.all([act({ kind: 'watch', on: true }), act({ kind: 'watch', on: true })]);
      expect(events.at(-1)).toMatchObject({ type: 'watch-started', services: ['web'] });
      const before = events.length;
      await act({ kind: 'rebuild', services: [] });
      const plans = events.slice(before).flatMap((event) => (event.type === 'plan-made' ? event.steps : []));
      expect(plans.map(({ kind }) => kind)).toContain('build-image');
      write('file', 'new');
      await until(({ watch }) => watch.last?.milliseconds !== undefined);
      session.leave();
    },
    { keeps: true, watch: true },
  );
});
