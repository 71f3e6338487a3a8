import type { KeptVolume, WeighedVolume } from '../../src/model/observed.ts';
import type { Keeping } from '../../src/plan/trash.ts';
import { testLabel } from './project.ts';

/** What is kept of volumes is as for a user who has set nothing: with no room for it, `gc` forgets that of other tests, too. */
export const keeping = { STACK_TRASH_SIZE: '' };

/** One that has something to keep. */
export const stackWithData = `services:
  web:
    image: busybox
    command: [sleep, infinity]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    volumes: ["data:/data"]
networks: { default: { labels: [${testLabel}=1] } }
volumes: { data: { labels: [${testLabel}=1] } }
`;

/** A week and 5000 bytes, in plain numbers, at second 1,000,000. */
export function keepingOf(changes: Partial<Keeping> = {}): Keeping {
  return {
    rules: { age: 604_800, size: 5000 },
    words: { age: (seconds) => `${seconds}s`, size: (bytes) => `${bytes}B` },
    project: 'shop',
    id: 'abc',
    now: 1_000_000,
    volumes: [],
    trash: { kept: [], unfinished: [] },
    ...changes,
  };
}

export function weighed(name: string, changes: Partial<WeighedVolume> = {}): WeighedVolume {
  return { name, labels: {}, driver: 'local', options: {}, created: 999_000, ...changes };
}

export function keptVolume(name: string, changes: Partial<KeptVolume> = {}): KeptVolume {
  const holder = `holder-of-${name}`;
  return {
    id: 'old',
    holder,
    name,
    labels: {},
    options: {},
    project: 'shop',
    at: 999_000,
    size: 100,
    ...changes,
  };
}
