import { createProject, testLabel } from '../../helpers/project.ts';
import type { Say } from '../say.ts';

/**
 * A stack of so many services and containers: planned, made but not started, listed, found to be as it should, and removed.
 * Resolves with what was wrong.
 */
export async function soakMany(services: number, containers: number, say: Say): Promise<readonly string[]> {
  const each = Math.floor(containers / services);
  const withMore = containers - each * services;
  const project = createProject({
    file: `services:\n${Array.from(
      { length: services },
      (_, index) => `  s${index}:
    image: busybox
    labels: [${testLabel}=1]
    command: sleep 3600
    scale: ${each + (index < withMore ? 1 : 0)}
    depends_on: [${index === 0 ? '' : `s${Math.floor((index - 1) / 3)}`}]
`,
    ).join('')}networks: { default: { labels: [${testLabel}=1] } }\n`,
  });
  const faults: string[] = [];
  const does = async (what: string, words: readonly string[], isRight: (output: string) => boolean) => {
    const began = performance.now();
    const { code, output } = await project.run(words);
    say(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    if (code !== 0 || !isRight(output)) faults.push(`${what}: ended with ${code}: ${output.slice(-2000)}`);
  };
  const rows = (output: string): number => output.trim().split('\n').filter(Boolean).length;
  try {
    say(`\n${services} services, ${containers} containers:`);
    await does('plan before', ['plan'], (output) => output.includes(`s${services - 1}`));
    await does('create', ['create'], () => true);
    await does('ps', ['ps', '-a', '-q'], (output) => rows(output) === containers);
    await does('create again', ['create', '--json'], (output) => !output.includes('"create-container"'));
    await does('down', ['down'], () => true);
    await does('ps after', ['ps', '-a', '-q'], (output) => rows(output) === 0);
  } finally {
    await project.remove();
  }
  return faults;
}
