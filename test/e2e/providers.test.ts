import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

const file = `
services:
  db-1:
    provider: { type: cloudy, options: { size: 3, other: [a, b], kind: z } }
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    depends_on: [db-1]
  far:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    depends_on: [web]
`;

const models = `
services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    models:
      my-llm: {}
      two: { endpoint_var: AI_URL, model_var: AI_MODEL }
models:
  my-llm: { model: ai/here }
  two: { model: ai/big, context_size: 1024, runtime_flags: [--a, --b=1] }
`;

interface Provided {
  readonly own: TestProject;
  /** For the programs: that they are found, and where they note how they were called. */
  readonly environment: Record<string, string>;
  /** How they were called since this was asked last, in alphabetical order. */
  calls(): readonly string[];
}

function provided(text: string): Provided {
  const own = createProject({ file: text });
  project = own;
  const source = path.join(import.meta.dirname, 'providers');
  const bin = path.join(own.directory, 'bin');
  const config = path.join(own.directory, 'config');
  mkdirSync(path.join(config, 'cli-plugins'), { recursive: true });
  cpSync(path.join(source, 'cloudy'), path.join(bin, 'cloudy'));
  cpSync(path.join(source, 'docker-model'), path.join(config, 'cli-plugins/docker-model'));
  const notes = path.join(own.directory, 'calls');
  return {
    own,
    environment: {
      PATH: `${bin}:${own.environment.PATH}`,
      STACK_TRUST: '1',
      DOCKER_CONFIG: config,
      CALLS: notes,
      STAGE: 'test',
    },
    calls() {
      const text = readFileSync(notes, 'utf8').trimEnd();
      rmSync(notes);
      return text.split('\n').toSorted();
    },
  };
}

async function environmentOf(own: TestProject, service: string): Promise<readonly string[]> {
  const { stdout } = await own.run(['exec', service, 'env']);
  return stdout.split('\n').filter((line) => /^(DB-1_|RAW|MY_LLM|AI_)/.test(line));
}

test('a program provides a service: those that depend on it get its variables, and it takes all away again', async () => {
  const { own, environment, calls } = provided(file);
  const first = await own.run(['up', '-d'], { environment: { ...environment, RAW: '1' } });
  expect(first.output).toMatch(/db-1 .*making a database/);
  expect(first.output).not.toContain('not for users');
  expect(first.code).toBe(0);
  expect(calls()).toEqual([
    `compose --project-name=${own.name} up --size=3 --kind=z db-1`,
    'compose metadata',
  ]);
  expect(await environmentOf(own, 'web')).toEqual(['DB-1_URL=db://test?a=b', 'RAW=as it is']);
  expect(await environmentOf(own, 'far')).toEqual([]);
  const services = (await containersOf(own.name)).map(({ service }) => service);
  expect(services).toEqual(['far', 'web']);

  // What is told may change.
  const changed = await own.run(['up', '-d'], { environment: { ...environment, STAGE: 'live' } });
  expect(changed.output).toMatch(/replace web/);
  expect(await environmentOf(own, 'web')).toEqual(['DB-1_URL=db://live?a=b']);
  calls();
  expect((await own.run(['down'], { environment })).code).toBe(0);
  expect(calls()).toEqual([`compose --project-name=${own.name} down --size=3 db-1`, 'compose metadata']);
});

test.skipIf(compose === undefined)('Docker Compose finds what it would have made itself', async () => {
  // Docker Compose gives several options in any order.
  const one = file.replace(', kind: z', '');
  for (const text of [one, models]) {
    const { own, environment, calls } = provided(text);
    expect((await own.run(['up', '-d'], { environment })).code).toBe(0);
    const ours = calls();
    const before = (await containersOf(own.name)).map(({ id }) => id);
    const theirs = await own.startOther(compose ?? '', ['-f', 'stack.yaml', 'up', '-d'], { environment })
      .finished;
    expect(theirs.code).toBe(0);
    expect((await containersOf(own.name)).map(({ id }) => id)).toEqual(before);
    // Docker Compose asks once for all models where they are, and whether the plugin is one.
    const asked = calls().filter((call) => call !== 'docker-cli-plugin-metadata');
    expect([...new Set(ours)]).toEqual(
      text === one ? asked : expect.arrayContaining(asked.filter(notPulled)),
    );
    expect((await own.run(['up', '-d'], { environment })).output).not.toContain('replace');
    await own.remove();
  }
});

/** A model without a tag is the latest, which Docker Compose does not find among those that are there. */
function notPulled(call: string): boolean {
  return call !== 'pull ai/here';
}

test('a dry run tells of programs and runs none; a program that tells nothing of itself gets all options', async () => {
  const { own, environment, calls } = provided(file);
  const dry = await own.run(['up', '--dry-run'], { environment: { ...environment, PLAIN: '1' } });
  expect(dry.stdout).toMatch(/^have cloudy provide db-1: a program stands for it$/m);
  expect(dry.code).toBe(0);
  expect(calls).toThrow();
  expect((await own.run(['up', '-d', 'db-1'], { environment: { ...environment, PLAIN: '1' } })).code).toBe(0);
  expect(calls()).toEqual([
    `compose --project-name=${own.name} up --size=3 --other=a --other=b --kind=z db-1`,
    'compose metadata',
  ]);
  expect(await containersOf(own.name)).toEqual([]);
});

test('what is wrong with a provider is told in words, and nothing is made for those that depend on it', async () => {
  const { own, environment } = provided(file);
  const refusal = async (more: Record<string, string>, text = file) => {
    own.write('stack.yaml', text);
    const { code, output } = await own.run(['up', '-d'], { environment: { ...environment, ...more } });
    expect(code).toBe(1);
    expect(await containersOf(own.name)).toEqual([]);
    return output;
  };
  expect(await refusal({ REFUSE: '1' })).toMatch(/stack\.yaml:4:5 error: no money\n/);
  const ended = await refusal({ CODE: '4' });
  expect(ended).toContain('error: failed to create service provider: exit status 4\n');
  expect(ended).toContain('out of coffee');
  expect(await refusal({ BABBLE: '1' })).toContain('provider cloudy wrote what is no JSON: hello');
  expect(await refusal({}, file.replace('size: 3,', ''))).toContain(
    'error: required parameter "size" is missing from provider "cloudy" definition\n',
  );
  expect(await refusal({}, file.replace('cloudy', 'rainy'))).toMatch(
    /stack\.yaml:4:23 error: exec: "rainy": executable file not found in \$PATH/,
  );
});

test('models are pulled and configured, and services told where they are; without the plugin that is said', async () => {
  const { own, environment, calls } = provided(models);
  expect((await own.run(['up', '-d'], { environment })).code).toBe(0);
  expect([...new Set(calls())]).toEqual([
    'configure --context-size 1024 ai/big -- --a --b=1',
    'configure ai/here',
    'ls --json',
    'pull ai/big',
    'status --json',
  ]);
  expect((await environmentOf(own, 'web')).toSorted()).toEqual([
    'AI_MODEL=ai/big',
    'AI_URL=http://runner.test/v1/',
    'MY_LLM_MODEL=ai/here',
    'MY_LLM_URL=http://runner.test/v1/',
  ]);
  const failed = await own.run(['up', '-d'], { environment: { ...environment, CODE: '2' } });
  expect(failed.output).toMatch(/stack\.yaml:14:3 error: docker model pull ended with 2 for the model `two`/);
  expect(failed.output).toContain('no such model');
  const without = await own.run(['up', '-d'], {
    environment: { DOCKER_CONFIG: own.directory, STACK_TRUST: '1' },
  });
  expect(without.code).toBe(1);
  expect(without.output).toContain("stack.yaml:13:3 error: 'models' support requires Docker Model plugin\n");
});

test('a command that is run once has the variables, too; broken off, a program ends', async () => {
  const { own, environment } = provided(file);
  const { stdout } = await own.run(['run', '--rm', 'web', 'env'], { environment });
  expect(stdout).toContain('DB-1_URL=db://test?a=b\n');
  own.write('bin/cloudy', `#!/bin/sh\necho '{"type":"info","message":"making"}'\nexec sleep 1000\n`);
  const slow = file.replace('type: cloudy', 'type: ./slow.sh');
  own.write('stack.yaml', slow);
  cpSync(path.join(own.directory, 'bin/cloudy'), path.join(own.directory, 'slow.sh'));
  const running = own.start(['up'], { environment });
  await running.waitFor(/◐ .*provide db-1|plan: provide 1 service/);
  running.signal('SIGINT');
  expect((await running.finished).code).toBe(130);
});
