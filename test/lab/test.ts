/**
 * `npm test`: runs all tests with an engine, one of this machine or a private one. Arguments go to vitest. The last
 * line counts: `12 passed, 0 failed` or `12 passed, 0 failed, 1 skipped`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, countTests } from './counts.ts';
import { type LabEngine, withEngine } from './engine.ts';
import { withoutLeftovers } from './leftovers.ts';
import { main } from './main.ts';
import { repository } from './places.ts';
import { say } from './say.ts';
import { runInForeground } from './shell.ts';

await main(async () => {
  const { passed, failed, skipped, remark } = await withEngine(test, say).catch(asFailure);
  if (remark !== undefined) say(remark);
  say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 ? 1 : 0;
});

async function test(engine: LabEngine): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'stack-report-'));
  const report = join(folder, 'report.json');
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const options = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ];
  const env = { ...process.env, ...engine.env };
  try {
    const code = await withoutLeftovers(engine.host, () =>
      runInForeground(process.execPath, [vitest, 'run', ...options], { cwd: repository, env }),
    );
    return countTests(await readFile(report, 'utf8').catch(() => undefined), code);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** No engine, or one that died: what could not be tested has not passed. */
function asFailure(error: unknown): Counts {
  return { passed: 0, failed: 1, skipped: 0, remark: error instanceof Error ? error.message : String(error) };
}
