import { expect, it } from 'vitest';
import { countTests } from './counts.ts';

it('counts what passed, failed and was skipped', () => {
  const files = [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'skipped', 'todo')];
  expect(countTests(report(files), 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

it('counts a file that could not be loaded as a failure', () => {
  expect(countTests(report([file('passed', 'passed'), file('failed')]), 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

it('counts an error outside of the tests as a failure', () => {
  expect(countTests(report([file('passed', 'passed')]), 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    remark: 'vitest found fault outside of the tests (exit code 1); that counts as one failure.',
  });
});

it.each([
  ['no report', undefined],
  ['a report that was cut off', '{"numPassedTests": 3,'],
])('counts a vitest that ended with %s as a failure, also when it says that all is well', (_, json) => {
  expect(countTests(json, 0)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    remark: 'vitest ended without a report (exit code 0); that counts as one failure.',
  });
});

interface File {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

function file(status: string, ...tests: readonly string[]): File {
  return { status, assertionResults: tests.map((test) => ({ status: test })) };
}

function report(files: readonly File[]): string {
  const count = (status: string) =>
    files.flatMap(({ assertionResults }) => assertionResults).filter((test) => test.status === status).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: count('todo'),
    testResults: files,
  });
}
