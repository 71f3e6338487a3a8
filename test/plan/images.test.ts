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

test('a build follows those whose images it uses, which are built too', () => {
  const bases = { base: { build: { context: '/base', additional_contexts: { first: 'service:first' } } } };
  const web = { build: { context: '/web', additional_contexts: { b: 'service:base', more: '/more' } } };
  const stack = stackOf({ web, first: { image: 'one', build } }, { bases });
  const plan = planBuild(stack, { ...asWritten, noCache: true });
  expect(planText(plan)).toEqual([
    'build:one (the build of base uses it)',
    'build:shop-base (the build of web uses it) after build:one',
    'build:shop-web (it was asked for) after build:shop-base',
  ]);
  expect(plan.steps.at(-1)?.action).toMatchObject({
    bases: { b: 'shop-base' },
    build: { additional_contexts: { more: '/more' }, no_cache: true },
  });
  expect(plan.steps[0]?.action).toMatchObject({ build: { no_cache: true } });
});

test('builds that use each other are refused', () => {
  const uses = (name: string) => ({ build: { context: '/', additional_contexts: { x: `service:${name}` } } });
  const stack = stackOf({ a: uses('b'), b: uses('a') });
  expect(() => planBuild(stack, asWritten)).toThrow(
    'the build of b uses what a builds, which itself needs b',
  );
});

test('to run it, an image is built for one platform; to have it built, for all it names', () => {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const action = (service: Service, plan = planBuild, rest = {}) =>
    plan(stackOf({ web: service }, rest), asWritten).steps[0]?.action;
  const forUp = (stack: Parameters<typeof planBuild>[0]) =>
    planFreshImages(stack, nothing, { build: true, now: 0 });
  const web = { build: { ...build, platforms } };
  expect(action(web)).toMatchObject({ build: { platforms } });
  expect(action(web, forUp)).not.toMatchObject({ build: { platforms: expect.anything() } });
  expect(action(web, forUp)).not.toHaveProperty('platform');
  expect(action({ ...web, platform: 'linux/arm64' }, forUp)).toMatchObject({ platform: 'linux/arm64' });
  expect(action({ build }, forUp, { defaultPlatform: 'linux/s390x' })).toMatchObject({
    platform: 'linux/s390x',
  });
  expect(() => action(web, planBuild, { defaultPlatform: 'linux/s390x' })).toThrow(
    'web is not built for linux/s390x, which DOCKER_DEFAULT_PLATFORM asks for',
  );
});

test('the secrets of a build are named, never told', () => {
  const secrets = {
    file: { name: 'f', file: '/token' },
    word: { name: 'w', environment: 'WORD' },
    kept: { name: 'k', external: true },
  };
  const web = (source: string) => ({ build: { ...build, secrets: [{ source, target: 'id' }] } });
  const action = (source: string) =>
    planBuild(stackOf({ web: web(source) }, { secrets }), asWritten).steps[0]?.action;
  expect(action('file')).toMatchObject({ secrets: [{ id: 'id', from: 'secrets.file', file: '/token' }] });
  expect(action('word')).toMatchObject({ secrets: [{ id: 'id', from: 'secrets.word', variable: 'WORD' }] });
  expect(() => action('kept')).toThrow('the secret `kept`, which is kept by a swarm');
});

test('a check pushes nothing, and a limit of memory is doubtful', () => {
  const stack = stackOf({ web: { image: 'web', build } });
  const plan = planBuild(stack, { ...asWritten, push: true, check: true, memory: 5 });
  expect(plan.steps.map(({ action }) => action)).toMatchObject([{ check: true, memory: 5 }]);
  expect(plan.steps).toHaveLength(1);
  expect(plan.warnings).toMatchObject([{ code: 'no-effect' }]);
});

const asWritten = { args: {}, noCache: false, pull: false, push: false };
