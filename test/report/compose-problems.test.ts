import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { composeWords, formatLogLine } from '../../src/report/compose-problems.ts';
import { formatProblemAfter } from '../../src/report/problems.ts';

/** Most words are held by the scenarios of test/e2e/as-compose-*.test.ts, which the real Docker Compose plays as well. */
const say = (problem: Omit<Problem, 'severity'> & Partial<Problem>, about = {}): string | undefined =>
  composeWords({ severity: 'error', ...problem }, { directory: '/shop', ...about });

test('what the engine said is said as by the engine', () => {
  const problem = {
    code: 'port-in-use',
    message: 'port 80 is in use',
    cause: 'port is already allocated',
  } as const;
  expect(say(problem)).toBe('Error response from daemon: port is already allocated');
  expect(say({ code: 'service-exited', message: 'web ended', cause: 'its last words' })).toBeUndefined();
});

test('a dependency that fails is told by what was waited for, and by its container', () => {
  const about = { condition: 'healthy', containers: ['shop-db-1'] };
  const exited = { code: 'service-exited', service: 'db', message: 'db ended with exit code 3' } as const;
  const killed = { ...exited, message: 'db was ended by SIGKILL (exit code 137)' };
  expect(say(exited, about)).toBe('dependency failed to start: container shop-db-1 exited (3)');
  expect(say(killed, { ...about, condition: 'ready' })).toBe('container shop-db-1 exited (137)');
  expect(say({ ...exited, severity: 'warning' }, { ...about, condition: 'completed' })).toBe(
    'optional dependency "db" didn\'t complete successfully: exit 3',
  );
  expect(say({ ...exited, code: 'no-healthcheck' }, about)).toBe(
    'dependency failed to start: container shop-db-1 has no healthcheck configured',
  );
  expect(say(exited)).toBeUndefined();
});

test('env files that are missing are told by who named them', () => {
  const problem = { code: 'missing-env-file', message: 'the env file a.env does not exist' } as const;
  const location = { file: '/shop/compose.yaml', line: 1, column: 1 };
  expect(say({ ...problem, location })).toBe(
    'env file /shop/a.env not found: stat /shop/a.env: no such file or directory',
  );
  expect(say({ ...problem, hint: 'it is named by --env-file or COMPOSE_ENV_FILES' })).toBe(
    "couldn't find env file: /shop/a.env",
  );
  expect(say(problem)).toBe('open a.env: no such file or directory');
});

test('its words stand above ours, which begin with the message where there are none', () => {
  const options = { colour: false, directory: '/shop' };
  const problem: Problem = { code: 'no-container', severity: 'error', message: 'x', hint: 'y' };
  expect(formatProblemAfter('z', problem, options)).toBe('z\nerror: x\n  hint: y\n');
  expect(formatProblemAfter('x', problem, options)).toBe('x\n  hint: y\n');
  expect(formatProblemAfter(undefined, problem, options)).toBe('x\n  hint: y\n');
});

test('warnings are lines of a log', () => {
  expect(formatLogLine('a "b"', 0)).toBe('time="1970-01-01T00:00:00Z" level=warning msg="a \\"b\\""\n');
});
