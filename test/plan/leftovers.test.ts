import { describe, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { EngineContents, ObservedContainer } from '../../src/model/observed.ts';
import { type LeftoverOptions, planLeftovers } from '../../src/plan/leftovers.ts';
import { keepingOf, keptVolume, weighed } from '../helpers/keeping.ts';
import { planText } from '../helpers/stack.ts';

const labels = (project: string, service = 'web') => ({ [label.project]: project, [label.service]: service });

const container = (project: string, more: Partial<ObservedContainer> = {}): ObservedContainer => ({
  id: `${project}-id`,
  name: `${project}-web-1`,
  service: 'web',
  number: 1,
  oneOff: false,
  state: 'exited',
  status: 'Exited (0)',
  image: `${project}-web`,
  imageId: `sha256:${project}`,
  command: '',
  created: 0,
  labels: labels(project),
  networks: [],
  mounts: [],
  ports: [],
  ...more,
});

const nothing: EngineContents = {
  containers: [],
  networks: [],
  volumes: [],
  unnamedImages: [],
  trash: { kept: [], unfinished: [] },
};

const options: LeftoverOptions = {
  directory: '/',
  gone: new Set(),
  kept: () => 1,
  volumes: false,
  trash: false,
  keeping: keepingOf(),
};

const planned = (contents: Partial<EngineContents>, more: Partial<LeftoverOptions> = {}) =>
  planText(planLeftovers({ ...nothing, ...contents }, { ...options, ...more }).plan);

describe('containers', () => {
  test('of a folder that is gone are left over once they have ended, others only if the engine could not remove them', () => {
    const containers = [
      container('gone'),
      container('gone', { id: 'alive', state: 'running' }),
      container('here'),
      container('dead', { state: 'dead' }),
      container('nobody', { labels: {} }),
    ];
    expect(planned({ containers }, { gone: new Set(['gone', 'nobody', '']) })).toEqual([
      'remove:gone-id (the folder of its stack is gone)',
      'remove:dead-id (the engine could not remove it)',
    ]);
  });

  test('of other projects are never touched if one is meant', () => {
    const containers = [container('one'), container('two')];
    const gone = new Set(['one', 'two']);
    expect(planned({ containers }, { gone, project: 'two' })).toEqual([
      'remove:two-id (the folder of its stack is gone)',
    ]);
  });
});

test('a network stays as long as its project has a container, or anyone uses it', () => {
  const network = (name: string) => ({ id: `${name}-id`, name, labels: labels(name) });
  const uses = container('other', { labels: {}, networks: [{ name: 'used', id: 'used-id' }] });
  const networks = [network('used'), network('inhabited'), network('deserted')];
  expect(planned({ containers: [uses, container('inhabited')], networks })).toEqual([
    'remove-network:deserted (no container uses it)',
  ]);
});

test('unnamed images stay as long as they may be gone back to, or a container is made of them', () => {
  const image = (id: string, created: number, project: string) => ({ id, created, labels: labels(project) });
  const containers = [container('here', { imageId: 'oldest' })];
  const unnamedImages = [
    image('oldest', 1, 'here'),
    image('older', 2, 'here'),
    image('old', 3, 'here'),
    image('deserted', 4, 'away'),
  ];
  expect(planned({ containers, unnamedImages })).toEqual([
    'remove-image:older (a newer one took its name)',
    'remove-image:deserted (a newer one took its name)',
  ]);
});

test('volumes that nothing mounts are told, and removed if that is said; those that the stack declares wait for it', () => {
  const volume = (name: string) => weighed(name, { labels: labels('here') });
  const mounts = [{ type: 'volume', name: 'mounted', target: '/data' }];
  const contents = {
    ...nothing,
    containers: [container('here', { mounts })],
    volumes: [volume('mounted'), volume('declared'), volume('left')],
  };
  const here = { ...options, project: 'here', declared: new Set(['declared']) };
  const told = planLeftovers(contents, here);
  expect([told.plan.steps, told.volumes.map(({ name }) => name)]).toEqual([[], ['left']]);
  expect(planned(contents, { ...here, volumes: true })).toEqual([
    'remove-volume:left (no container mounts it)',
  ]);
  // Where the file is not known only those of projects that have nothing else are left over.
  expect(planLeftovers(contents, options).volumes).toEqual([]);
  expect(planLeftovers(contents, { ...options, project: 'here' }).volumes).toEqual([]);
  expect(planLeftovers({ ...contents, containers: [] }, options).volumes).toHaveLength(3);
});

test('what is kept of removed volumes goes when it was kept for long enough, and all of it if that is said', () => {
  const kept = [keptVolume('new'), keptVolume('old', { at: 1 })];
  const trash = { kept, unfinished: [] };
  const keeping = keepingOf({ trash });
  expect(planned({ trash }, { keeping })).toEqual(['forget-volume:holder-of-old (it was kept for 604800s)']);
  expect(planned({ trash }, { keeping, trash: true })).toEqual([
    'forget-volume:holder-of-new (it was asked for)',
    'forget-volume:holder-of-old (it was asked for)',
  ]);
  // Nobody is to be bringing it back meanwhile.
  const of = (project: string) => ({ trash: { ...trash, kept: [...kept, keptVolume('far', { project })] } });
  const { projects } = planLeftovers({ ...nothing, ...of('blog') }, { ...options, keeping, trash: true });
  expect(projects).toEqual(['blog', 'shop']);
  expect(planLeftovers({ ...nothing, ...of('blog') }, options).projects).toEqual([]);
});
