import { afterAll, expect, test } from 'vitest';
import { measureContainers } from '../../src/commands/measure.ts';
import type { ContainerMeasured, EventBody } from '../../src/model/event.ts';
import { testRuntime } from '../helpers/engine.ts';
import { createProject, testLabel } from '../helpers/project.ts';

const project = createProject({
  file: `services:
  busy:
    image: busybox
    command: sh -c 'while true; do :; done'
    mem_limit: 64m
    stop_grace_period: 0s
    labels: [${testLabel}]
  late:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    labels: [${testLabel}]
`,
});
afterAll(() => project.remove());

test('tells what containers use while they run, also of those that come later, until it is ended', async () => {
  await project.run(['up', '-d', 'busy']);
  const told: ContainerMeasured[] = [];
  const waiting = new Set<() => void>();
  const emit = (event: EventBody): void => {
    if (event.type === 'container-measured') told.push(event);
    for (const look of waiting) look();
  };
  const next = (service: string, times: number) => {
    const before = told.length;
    return new Promise<void>((resolve) => {
      const look = (): void => {
        if (told.slice(before).filter((event) => event.service === service).length < times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
    });
  };
  const ending = new AbortController();
  const over = measureContainers(project.name, { runtime: await testRuntime(), emit }, ending.signal);
  await next('busy', 2);
  expect(told[0]).toMatchObject({ service: 'busy', number: 1, memoryLimit: 64 * 1024 * 1024 });
  expect(told.at(-1)?.cpuPercent).toBeGreaterThan(1);
  expect(told.at(-1)?.memory).toBeGreaterThan(0);
  await project.run(['up', '-d', 'late']);
  await next('late', 2);
  await project.run(['restart', 'busy']);
  await next('busy', 1);
  await project.run(['rm', '--stop', '--force', 'busy']);
  // What was measured before may be told after.
  await next('late', 2);
  const stopped = told.length;
  await next('late', 2);
  expect(told.slice(stopped).map(({ service }) => service)).not.toContain('busy');
  ending.abort();
  await over;
});
