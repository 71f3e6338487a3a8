import { expect, test } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { planBuild, planFreshImages, planPull, planPush } from '../../src/plan/images.ts';
import { nothing, planText, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const build = { context: '/shop' };
const day = 86_400;

/** What is fetched anew of an image that was tagged some seconds ago. */
function fresh(service: Service, age: number | undefined, options = {}): string[] {
  const tagged = age === undefined ? {} : { tagged: 100 * day - age };
  const images = { [image]: { id: 'sha256:1', labels: {}, volumes: [], ...tagged } };
  return planText(planFreshImages(stackOf({ web: service }), { images }, { now: 100 * day, ...options }));
}

test.each([
  ['daily', day + 1, day - 1],
  ['weekly', 7 * day + 1, 7 * day - 1],
  ['every_1h30m', 5401, 5399],
  ['every_1w2d', 9 * day + 1, 9 * day - 1],
])('%s: an image is pulled once it is too old', (policy, old, young) => {
  const pulls = [`pull:redis:7 (pull_policy is ${policy})`];
  expect(fresh({ image, pull_policy: policy }, old)).toEqual(pulls);
  expect(fresh({ image, pull_policy: policy }, young)).toEqual([]);
  expect(fresh({ image, pull_policy: policy }, undefined)).toEqual(pulls);
});

test('what is missing is for the plan of the containers', () => {
  const stack = stackOf({ web: { image, pull_policy: 'daily' } });
  expect(planFreshImages(stack, nothing, { now: 0 }).steps).toEqual([]);
});

test('what could be built, too, may fail to be pulled', () => {
  const stack = stackOf({ web: { image, build, pull_policy: 'always' } });
  const [step] = planFreshImages(stack, nothing, { now: 0 }).steps;
  expect(step?.action).toMatchObject({ kind: 'pull-image', optional: true });
});

test('nothing is built if that is asked for', () => {
  expect(fresh({ build, pull_policy: 'build' }, 1)).toEqual(['build:shop-web (pull_policy is build)']);
  expect(fresh({ build, pull_policy: 'build' }, 1, { build: false })).toEqual([]);
});

test('pull: as far as the policies let', () => {
  const stack = stackOf({
    plain: { image },
    never: { image: 'a', pull_policy: 'never' },
    there: { image: 'b:1', pull_policy: 'missing' },
    latest: { image: 'e', pull_policy: 'missing' },
    gone: { image: 'c', pull_policy: 'if_not_present' },
    built: { build },
    both: { image: 'd', build },
  });
  const observed = { images: { [image]: present, 'b:1': present, e: present } };
  const pulled = (options = {}) =>
    planPull(stack, observed, { ignoreFailures: false, ignoreBuildable: false, ...options }).steps.map(
      ({ id }) => id,
    );
  expect(pulled()).toEqual(['pull:redis:7', 'pull:e', 'pull:c', 'pull:d']);
  expect(pulled({ ignoreBuildable: true })).toEqual(['pull:redis:7', 'pull:e', 'pull:c']);
});

const present = { id: 'sha256:1', labels: {}, volumes: [] };

test('push: what is built and has a name, under all its names', () => {
  const stack = stackOf({
    plain: { image },
    built: { build },
    both: { image: 'd', build: { ...build, tags: ['e'] } },
  });
  expect(planPush(stack, { ignoreFailures: false }).steps.map(({ id }) => id)).toEqual(['push:d', 'push:e']);
});

test('build: the words beat the file, pushing waits for the build', () => {
  const stack = stackOf({
    plain: { image },
    web: { image: 'd', build: { ...build, args: { A: '1', B: '2' } } },
  });
  const plan = planBuild(stack, { args: { A: '3' }, noCache: true, pull: true, push: true });
  expect(planText(plan)).toEqual(['build:d (it was asked for)', 'push:d (it was asked for) after build:d']);
  expect(plan.steps[0]?.action).toMatchObject({
    build: { args: { A: '3', B: '2' }, no_cache: true, pull: true },
  });
});
