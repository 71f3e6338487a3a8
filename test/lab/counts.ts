export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What a failure was that is no failed test. */
  readonly remark?: string;
}

/** The part that we read of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts tests by vitest's JSON report and exit code. Nothing that went wrong counts as zero failures: not a file
 * that could not be loaded, not an error outside of tests, not a vitest that ended without a report.
 */
export function countTests(json: string | undefined, exitCode: number): Counts {
  const report = json === undefined ? undefined : parse(json);
  if (report === undefined) {
    const remark = `vitest ended without a report (exit code ${exitCode}); that counts as one failure.`;
    return { passed: 0, failed: 1, skipped: 0, remark };
  }
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (exitCode === 0 || counts.failed > 0) return counts;
  const remark = `vitest found fault outside of the tests (exit code ${exitCode}); that counts as one failure.`;
  return { ...counts, failed: 1, remark };
}

function parse(json: string): Report | undefined {
  try {
    return JSON.parse(json) as Report;
  } catch {
    return undefined; // cut off
  }
}
