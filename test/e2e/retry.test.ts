import { afterEach, expect, test } from 'vitest';
import { stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { type EngineProxy, openEngineProxy } from '../helpers/proxy.ts';

let project: TestProject;
let proxy: EngineProxy;
afterEach(async () => {
  await proxy.close();
  await project.remove();
});

const file = (edition: number) => `services:
  web:
    image: busybox
    labels: ["${testLabel}=${edition}"]
    command: [sleep, infinity]
    init: true
    networks: [one, two]
networks: { one: , two: }
`;

const moments: [string, RegExp, RegExp | undefined][] = [
  ['observing', /^GET \/(?:v[\d.]+\/)?containers\/json/, undefined],
  [
    'making a network',
    /^POST \/(?:v[\d.]+\/)?networks\/create/,
    /create network .* failed \(connection reset\), trying again, 2 of 3/,
  ],
  [
    'creating',
    /^POST \/(?:v[\d.]+\/)?containers\/create/,
    /create container .* failed \(connection reset\), trying again, 2 of 3/,
  ],
  ['starting', /^POST \/(?:v[\d.]+\/)?containers\/[^/]+\/start/, /start container .* trying again/],
  ['removing', /^DELETE \/(?:v[\d.]+\/)?containers/, /remove container .* trying again/],
  ['renaming', /^POST \/(?:v[\d.]+\/)?containers\/[^/]+\/rename/, /hand over to container .* trying again/],
];

test.each(moments)(
  'an answer that is lost while %s: it is looked after, nothing is there twice',
  async (what, request, told) => {
    project = createProject({ file: file(1) });
    proxy = await openEngineProxy();
    const environment = { DOCKER_HOST: proxy.host };
    const replaces = what === 'removing' || what === 'renaming';
    if (replaces) {
      expect((await project.run(['up', '-d'])).code).toBe(0);
      project.write('stack.yaml', file(2));
    }
    proxy.loseAnswer(request);
    const { code, output } = await project.run(['up', '-d'], { environment });
    expect([code, output]).toEqual([
      0,
      told === undefined ? expect.not.stringContaining('again') : expect.stringMatching(told),
    ]);
    const { containers, networks } = await stateOf(project.name);
    expect(
      containers.map(({ name, state, networks: joined }) => [
        name,
        state,
        joined.map(({ name }) => name).sort(),
      ]),
    ).toEqual([[`${project.name}-web-1`, 'running', [`${project.name}_one`, `${project.name}_two`]]]);
    expect(networks).toHaveLength(2);
  },
);
