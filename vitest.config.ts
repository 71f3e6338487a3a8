import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const unit = [
  'test/*.test.ts',
  'test/{model,load,init,plan,run,registry,report,files,commands,cli,lab}/**/*.test.ts',
  'test/docker/{build,streams}/**/*.test.ts',
  'test/docker/*.test.ts',
  'test/terminal/logs/*.test.ts',
];

/** What runs in the process of the tests keeps no states in the home of who runs them: nothing can be written there. */
const env = { XDG_STATE_HOME: '/dev/null/state' };

/** What is asked again until it is so takes the time that the machine takes. */
const patient = { poll: { timeout: 60_000 } };

export default defineConfig({
  test: {
    // A test waits for an engine most of the time: two at once, also where there are only two processors.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    projects: [
      {
        test: {
          name: 'unit',
          include: unit,
          exclude: ['**/*.engine.test.ts', '**/node_modules/**'],
          testTimeout: 60_000,
          expect: patient,
          env,
        },
      },
      // These work on a real engine and take the time it takes.
      {
        test: {
          name: 'integration',
          include: ['test/**/*.engine.test.ts', 'test/terminal/**/*.test.ts'],
          exclude: ['test/terminal/logs/**', '**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
          env,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: patient,
        },
      },
    ],
  },
});
