import { expect, test } from 'vitest';
import { describeCase, tryAll } from '../faults/matrix.ts';
import { scenarios } from '../faults/scenarios.ts';

/** A few of all cases, which `npm run test:faults` tries. */
const sample: Readonly<Record<string, readonly string[]>> = {
  up: [
    'POST /containers/create #1: half an answer',
    'POST /networks/create #1: malformed',
    'GET /networks #1: hang',
  ],
  'up attached': ['GET /containers/{}/json #1: 500'],
  down: [
    'DELETE /containers/{} #1: malformed',
    'DELETE /containers/{} #1: 409',
    'GET /containers/json #1: half an answer',
  ],
  exec: [
    'POST /exec/{}/start #1: half an answer',
    'POST /containers/{}/exec #1: reset after',
    'POST /exec/{}/start #1: hang',
  ],
};

test('what goes wrong between here and the engine is mended or told, and the next run reaches what was wanted', async () => {
  const chosen = scenarios.filter(({ name }) => sample[name] !== undefined);
  const tried = await tryAll(
    chosen,
    (cases, { name }) => cases.filter((one) => sample[name]?.includes(describeCase(one))),
    2,
    () => {},
  );
  const found = tried.map(({ scenario, one, tried, wrong }) => [scenario, describeCase(one), tried, wrong]);
  const wanted = Object.entries(sample).flatMap(([name, cases]) => cases.map((one) => [name, one, true, []]));
  expect(found.toSorted()).toEqual(wanted.toSorted());
});
