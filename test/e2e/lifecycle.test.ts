import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CoinsProject, countAbove, createCoins } from '../helpers/coins.ts';
import { containersOf, stateOf } from '../helpers/engine.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;
const names = ['hasher', 'redis', 'rng', 'webui', 'worker'];

describe('the example stack, detached', () => {
  let coins: CoinsProject;
  beforeAll(async () => {
    coins = await createCoins();
  });
  afterAll(() => coins.remove());

  const ids = async (): Promise<string[]> => (await containersOf(coins.name)).map(({ id }) => id);

  test('comes up from nothing and the page counts', async () => {
    const { code, output } = await coins.run(['up', '-d']);
    expect(output).toContain(coins.url);
    expect(code).toBe(0);
    await countAbove(coins.url, 5);
    expect((await containersOf(coins.name)).map(({ service, state }) => [service, state])).toEqual(
      names.map((name) => [name, 'running']),
    );
  });

  test('a second up has an empty plan and says so', async () => {
    const before = await ids();
    const { code, output } = await coins.run(['up', '-d']);
    expect(code).toBe(0);
    expect(output).toMatch(/nothing to do/);
    expect(await ids()).toEqual(before);
    const events = (await coins.run(['--json', 'up', '-d'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.every((event) => event.v === 1)).toBe(true);
    expect(events.find(({ type }) => type === 'plan-made')).toMatchObject({ purpose: 'up', steps: [] });
    expect(events.at(-2)).toMatchObject({ type: 'stack-ready', changed: false });
    expect(events.at(-1)).toMatchObject({ type: 'command-ended', exitCode: 0, errors: 0 });
  });

  test('ps, logs and config speak of it', async () => {
    const table = (await coins.run(['ps'])).stdout.split('\n');
    expect(table[0]).toMatch(/^NAME +IMAGE +COMMAND +SERVICE +CREATED +STATUS +PORTS$/);
    expect(table.slice(1, 6).map((line) => line.split(/ +/)[0])).toEqual(
      names.map((name) => `${coins.name}-${name}-1`),
    );
    const json = (await coins.run(['ps', '--format', 'json', 'webui'])).stdout;
    expect(JSON.parse(json)).toMatchObject({ Service: 'webui', State: 'running', Project: coins.name });
    const { stdout: logs } = await coins.run(['logs', '--tail', '2', 'redis']);
    expect(logs.trim().split('\n')).toHaveLength(2);
    expect(logs).toMatch(/^redis-1 +\| /);
    const { stdout: config } = await coins.run(['config', '--format', 'json']);
    expect(Object.keys(JSON.parse(config).services).sort()).toEqual(names);
  });

  test.skipIf(compose === undefined)(
    'docker compose sees the same five services and has nothing to do',
    async () => {
      const before = await ids();
      const files = ['-f', 'stack.yaml', '-f', 'stack.override.yaml'];
      const listed = await coins.startOther(compose ?? '', [...files, 'ps', '--format', 'json']).finished;
      const services = listed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).Service as string);
      expect(services.sort()).toEqual(names);
      const again = await coins.startOther(compose ?? '', [...files, 'up', '-d']).finished;
      expect(again.output).not.toMatch(/Recreat|Creat|Warn/i);
      expect(again.code).toBe(0);
      expect(await ids()).toEqual(before);
      expect((await coins.run(['up', '-d'])).output).toMatch(/nothing to do/);
      expect(await ids()).toEqual(before);
    },
  );

  test.skipIf(compose === undefined)('docker compose takes it down completely', async () => {
    const files = ['-f', 'stack.yaml', '-f', 'stack.override.yaml'];
    expect((await coins.startOther(compose ?? '', [...files, 'down', '--volumes']).finished).code).toBe(0);
    expect(await stateOf(coins.name)).toMatchObject({ containers: [], networks: [] });
  });

  test('what docker compose makes, stack takes as it is, and its down leaves nothing', async () => {
    const files = ['-f', 'stack.yaml', '-f', 'stack.override.yaml'];
    const made =
      compose === undefined
        ? await coins.run(['up', '-d'])
        : await coins.startOther(compose, [...files, 'up', '-d']).finished;
    expect(made.code).toBe(0);
    const before = await ids();
    const { output } = await coins.run(['up', '-d']);
    expect(output).toMatch(/nothing to do/);
    expect(await ids()).toEqual(before);
    expect((await coins.run(['down', '--volumes', '--rmi', 'local'])).code).toBe(0);
    expect(await stateOf(coins.name)).toMatchObject({ containers: [], networks: [], volumes: [] });
  });
});
