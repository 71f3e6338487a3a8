import { expect, test } from 'vitest';
import { composeVersion } from '../../src/model/labels.ts';
import type { ObservedBuild, ObservedImage } from '../../src/model/observed.ts';
import type { Service } from '../../src/model/stack.ts';
import { examinedBuilds } from '../../src/plan/examined.ts';
import { planFreshImages } from '../../src/plan/images.ts';
import { describeChanges } from '../../src/plan/stale.ts';
import { planText, stackOf } from '../helpers/stack.ts';

const image: ObservedImage = { id: 'sha256:1', volumes: [], labels: { 'com.docker.compose.project': 'x' } };
const changed: ObservedBuild = { state: 'changed', changes: [{ what: 'package.json', how: 'changed' }] };
const state = (name: 'current' | 'taken' | 'unknown'): ObservedBuild => ({ state: name, changes: [] });
const build = { context: '/srv/app' };

const fresh = (
  services: Readonly<Record<string, Service>>,
  builds: Readonly<Record<string, ObservedBuild>>,
  options: { readonly build?: boolean | readonly string[] } = {},
) =>
  planFreshImages(
    stackOf(services),
    { images: { 'shop-api': image, shared: image }, builds },
    { now: 0, ...options },
  );

test('a build that would be made from something else is a step with what changed', () => {
  const plan = fresh({ api: { build } }, { api: changed });
  expect(planText(plan)).toEqual(['build:shop-api (package.json changed)']);
  expect(plan.steps[0]?.action).toMatchObject({ stale: true });
  for (const name of ['current', 'taken'] as const)
    expect(fresh({ api: { build } }, { api: state(name) })).toMatchObject({ steps: [], warnings: [] });
});

test('--no-build leaves it and says so; --build needs no reason', () => {
  const { steps, warnings } = fresh({ api: { build } }, { api: changed }, { build: false });
  expect(steps).toEqual([]);
  expect(warnings).toMatchObject([
    { code: 'image-stale', message: 'the image of api is stale: package.json changed' },
  ]);
  expect(planText(fresh({ api: { build } }, { api: changed }, { build: true }))).toEqual([
    'build:shop-api (a build was asked for)',
  ]);
});

test('--build leaves what is certain as it is, unless what is written on the image is of another build', () => {
  const labels = {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'api',
    'com.docker.compose.version': composeVersion,
  };
  const certain: ObservedBuild = { state: 'current', changes: [], certain: true };
  const planned = (written: Readonly<Record<string, string>>, options = { build: true as const }) =>
    planFreshImages(
      stackOf({ api: { build } }),
      { images: { 'shop-api': { ...image, labels: written } }, builds: { api: certain } },
      { now: 0, ...options },
    );
  expect(planned(labels)).toMatchObject({ steps: [], unbuilt: ['api'] });
  expect(planText(planned({ ...labels, 'com.docker.compose.service': 'web' }))).toEqual([
    'build:shop-api (a build was asked for)',
  ]);
  expect(fresh({ api: { build } }, { api: state('current') }, { build: true }).steps).toHaveLength(1);
});

test('what another tool has built is taken as it is, and told the first time', () => {
  const { steps, warnings } = fresh({ api: { build } }, { api: state('unknown') });
  expect(steps).toEqual([]);
  expect(warnings).toMatchObject([{ code: 'image-unknown', severity: 'warning' }]);
});

test('a base that is built anew takes with it what uses it; one that is fresh is not built again', () => {
  const services = {
    api: { build },
    user: { build: { ...build, additional_contexts: { base: 'service:api' } } },
  };
  expect(planText(fresh(services, { api: changed, user: state('current') }))).toEqual([
    'build:shop-api (package.json changed)',
    'build:shop-user (api, which it uses, is built anew) after build:shop-api',
  ]);
  expect(planText(fresh(services, { api: state('current'), user: changed }))).toEqual([
    'build:shop-user (package.json changed)',
  ]);
});

test('two builds for one name do not take it from each other', () => {
  const services = {
    one: { image: 'shared', build },
    two: { image: 'shared', build: { context: '/srv/two' } },
  };
  expect(fresh(services, { one: state('current'), two: changed }).steps).toEqual([]);
  expect(examinedBuilds(stackOf(services))).toHaveLength(2);
});

test('it is asked of images that no policy makes fresh, without what containers see directly', () => {
  const stack = stackOf({
    api: { build, volumes: [{ type: 'bind', source: '/srv/app/src', target: '/src' }] },
    pulled: { image: 'shared', build, pull_policy: 'always' },
    plain: { image: 'shared' },
  });
  const examined = examinedBuilds(stack);
  expect(examined.map(({ build: { service } }) => service)).toEqual(['api']);
  expect(examined[0]?.aside).toContain('/srv/app/src');
});

test('of many changes some are told', () => {
  const changes = ['a', 'b', 'c', 'd'].map((what) => ({ what, how: 'changed' as const }));
  expect(describeChanges(changes.slice(0, 3))).toBe('a changed, b changed, c changed');
  expect(describeChanges(changes)).toBe('a changed, b changed and 2 more');
});

test('what cannot be built is not asked for, nor is a circle of what is not there', () => {
  const circle = (name: string) => ({
    build: { ...build, additional_contexts: { other: `service:${name}` } },
  });
  const services = { api: circle('two'), two: circle('api'), good: { image: 'shared', build } };
  expect(examinedBuilds(stackOf(services)).map((one) => one.build.service)).toEqual(['good']);
  expect(fresh(services, { good: changed }).steps).toHaveLength(1);
});
