import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSwitchedOn } from '../../src/cli/read-options.ts';
import { readSettings } from '../../src/cli/settings.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { type LoadRequest, loadStack } from '../../src/load/load.ts';
import { steeringVariables } from '../../src/load/steering.ts';
import { environment, type Row } from './data/environment.ts';

/** Everything of a small project that a variable can change. */
async function observe(variables: Readonly<Record<string, string>>, dotenv: string): Promise<unknown> {
  writeFileSync(path.join(folder, '.env'), `FROM=dotenv\n${dotenv}`);
  const request: LoadRequest = {
    directory: folder,
    files: [],
    profiles: [],
    services: [],
    environment: { HOME: folder, ...variables },
    defaultPlatform: true,
  };
  const steering = await steeringVariables(request);
  const problem = (error: Error) => error.message;
  const settings = await Promise.resolve()
    .then(() => readSettings({}, request.environment, steering))
    .catch(problem);
  const stack = await loadStack(request).then(
    ({ stack: { name, files, services } }) => ({ name, files, services }),
    problem,
  );
  const endpoint =
    typeof settings === 'string'
      ? settings
      : await resolveEndpoint(settings.engine.variables, {}, [{ url: 'unix:///no.sock', from: 'test' }]).then(
          ({ url, tls, apiVersion, headers }) => ({ url, tls, apiVersion, headers }),
          problem,
        );
  const { ansi, progress, parallel } = typeof settings === 'string' ? {} : settings;
  const switches = ['COMPOSE_IGNORE_ORPHANS', 'COMPOSE_REMOVE_ORPHANS', 'COMPOSE_COMPATIBILITY'];
  return {
    stack,
    endpoint,
    settings: typeof settings === 'string' ? settings : { ansi, progress, parallel },
    switches: switches.map((name) => isSwitchedOn(name, steering)),
    stdout: isSwitchedOn('COMPOSE_STATUS_STDOUT', steering),
  };
}

let folder: string;
let usual: unknown;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const file = (name: string) => path.join(folder, name);
  const service = '{image: "busybox:${FROM}-${PWD}"}';
  writeFileSync(
    file('stack.yaml'),
    `services: {a: ${service}, b: {image: busybox, profiles: [extra], volumes: ["~/x:/x"]}}`,
  );
  writeFileSync(file('other.yaml'), `services: {c: ${service}}`);
  writeFileSync(file('other.env'), 'FROM=other');
  mkdirSync(file('config'));
  writeFileSync(file('config/config.json'), '{"HttpHeaders": {"A": "b"}}');
  usual = await observe({}, '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const tried = environment.filter((row): row is Row & { value: string } => 'value' in row);

test.each(tried)('$variable counts where it does for Docker Compose', async ({ variable, value, counts }) => {
  const inProcess = await observe({ [variable]: value.replace('$FOLDER', folder) }, '');
  const inFile = await observe({}, `${variable}=${value}`);
  const changes = (observed: unknown) => JSON.stringify(observed) !== JSON.stringify(usual);
  expect({ process: changes(inProcess), dotenv: changes(inFile) }).toEqual({
    process: true,
    dotenv: counts === 'everywhere',
  });
});

test('the variables that are not tried here have a reason', () => {
  const others = environment.filter((row) => !('value' in row));
  expect(others.filter(({ because }) => (because ?? '').length < 10)).toEqual([]);
  expect(new Set(environment.map(({ variable }) => variable)).size).toBe(environment.length);
});
