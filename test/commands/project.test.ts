import { expect, test } from 'vitest';
import { findProject, recallProject, tellProject } from '../../src/commands/project.ts';
import { objectsOf } from '../../src/commands/work.ts';
import type { Event } from '../../src/model/event.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import { ProblemsError } from '../../src/model/problem.ts';
import type { Surroundings } from '../../src/model/runtime.ts';
import { originOf, type Stack } from '../../src/model/stack.ts';
import { planRemove } from '../../src/plan/each.ts';
import { outlineOf } from '../../src/plan/outline.ts';
import { planRestart } from '../../src/plan/restart.ts';
import { planDown, planStop } from '../../src/plan/stop.ts';
import { placeCases, readCases } from '../helpers/cases.ts';
import { keepingOf } from '../helpers/keeping.ts';
import { runningContainer, runningState, stackOf } from '../helpers/stack.ts';

/** All that commands for containers which exist find out by a stack, about each of its services and about all of them. */
function plansBy(stack: Stack, observed: ObservedState): unknown {
  const { images: _, ...objects } = objectsOf(stack);
  const keeping = keepingOf();
  const names = Object.keys(stack.services);
  const plans = [undefined, ...names.map((name) => [name])].map((services) => [
    planStop(stack, observed, { services, stack }),
    planRestart(stack, stack, observed, { services }),
    planRemove(stack, observed, { services, stop: true, volumes: true, stack, keeping }),
    ...[undefined, 'local', 'all'].map((images) => {
      const options = { images: images as 'local' | 'all' | undefined, volumes: true, keeping };
      return planDown(stack, stack, observed, { ...options, ...(services && { services }) });
    }),
  ]);
  return plans.map((some) => some.map(({ steps, warnings }) => ({ steps, warnings, objects })));
}

function toldOf(project: Awaited<ReturnType<typeof findProject>>): readonly Event[] {
  const told: Event[] = [];
  const emit = (event: Event): void => void told.push(event);
  tellProject(project, { emit } as Partial<Surroundings> as Surroundings);
  return told;
}

test('what is known again of a stack leads to the same as all of it', async () => {
  let outlined = 0;
  for (const one of placeCases(readCases())) {
    const request = one.request([]);
    const project = await findProject(request).catch((error: unknown) => {
      if (!(error instanceof ProblemsError)) throw error;
      return undefined;
    });
    if (project?.loaded === undefined) continue;
    let kept = '';
    const keeping: Surroundings['recall'] = async (_, find) => {
      let isForgotten = false;
      const found = await find(() => {
        isForgotten = true;
      });
      kept = isForgotten ? '' : JSON.stringify(found);
      return found;
    };
    await recallProject(request, { recall: keeping });
    if (kept === '') continue;
    outlined++;
    const known = await recallProject(request, { recall: async () => JSON.parse(kept) });
    const { stack } = project.loaded;
    expect(known.loaded?.sourceLine({ file: '/there is none', line: 1, column: 1 })).toBeUndefined();
    const outline = known.loaded?.stack as Stack;
    const observed = runningState(stack);
    // Names of what all objects have are no names of services.
    const orphan = runningContainer(stack, 'constructor', { networks: [], mounts: [] });
    for (const containers of [observed.containers, [orphan, ...observed.containers.slice(1)]]) {
      const there = { ...observed, containers };
      expect(plansBy(outline, there), one.name).toEqual(plansBy(stack, there));
    }
    expect(toldOf(known), one.name).toEqual(toldOf(project));
    const paths = ['services', 'networks', 'volumes'].flatMap((section) => [section, `${section}.gone`]);
    for (const path of ['name', ...paths, ...Object.keys(stack.services).map((name) => `services.${name}`)]) {
      const place = originOf(stack, path);
      expect(originOf(outline, path), one.name).toEqual(place);
      if (place !== undefined)
        expect(known.loaded?.sourceLine(place), one.name).toBe(project.loaded.sourceLine(place));
    }
  }
  expect(outlined).toBeGreaterThan(300);
});

test('what others made stays, and what is switched off is told', () => {
  const service = { image: 'web', networks: { theirs: null } };
  const stack = stackOf(
    { web: service },
    {
      disabledServices: ['off'],
      networks: { theirs: { name: 'theirs', external: true }, own: { name: 'own' } },
      volumes: { theirs: { name: 'data', external: true }, own: { name: 'own' } },
    },
  );
  const observed = runningState({ ...stack, services: { web: service, off: service } });
  const plans = plansBy(stack, observed);
  expect(JSON.stringify(plans)).toContain('the profiles of shop-off-1 are off');
  expect(plansBy(outlineOf(stack) as Stack, observed)).toEqual(plans);
});

test('nothing is kept that may be secret, and nothing of what is run besides containers', () => {
  const secret = 'known to few';
  const service = {
    image: 'web',
    environment: { PASSWORD: secret },
    command: [secret],
    labels: { token: secret },
    build: { context: `https://${secret}@example.com/repository.git`, args: { TOKEN: secret } },
    healthcheck: { test: ['CMD', secret], interval: '5s' },
  };
  const stack = stackOf({ web: service }, { extensions: { 'x-token': secret } });
  expect(JSON.stringify(outlineOf(stack))).not.toContain(secret);
  for (const more of [
    { pre_stop: [{ command: ['true'] }] },
    { post_start: [{ command: ['true'] }] },
    { pre_start: [{ command: ['true'] }] },
    { provider: { type: 'x' } },
    { models: { llm: null } },
  ])
    expect(outlineOf(stackOf({ web: { ...service, ...more } }))).toBeUndefined();
});
