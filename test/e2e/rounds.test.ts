import { expect, test } from 'vitest';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { soakRounds } from '../lab/soak/rounds.ts';

test('rounds of up and down in one process leave nothing behind, on the engine and in the process', async () => {
  const { url } = await resolveEndpoint(process.env);
  const said: string[] = [];
  // What others do on the engine meanwhile is not looked at.
  const engine = { host: url, private: false, env: {} };
  expect(await soakRounds(engine, 4, 0, (line) => said.push(line))).toEqual([]);
  const rows = said.join('').match(/^\| \d+ \|.*\|$/gm) ?? [];
  expect(rows).toHaveLength(4);
});
